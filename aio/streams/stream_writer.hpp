// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/streams/detail/stream_writer_state.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/transport/transport.hpp>

#include <any>
#include <compare>
#include <concepts>
#include <coroutine>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace aio {

class SendfileOptions;
class StartTlsOptions;
class TransportUpgrade;

/// The sending end of a stream. Mirrors asyncio.StreamWriter.
///
/// A cheap handle: copies refer to the same stream. One that was made without a stream, as `writers[name]`
/// does, or moved from is empty, and its functions throw RuntimeError. Close it: if the last handle goes
/// while the transport is open, that is closed, and in debug mode reported as a ResourceWarning through
/// log().
/// Threads: the loop's only.
class StreamWriter {
public:
    StreamWriter() noexcept = default;
    /// By hand, for a transport whose protocol is `protocol`. drain() raises the error of `reader`, too.
    StreamWriter(Transport& transport, std::shared_ptr<StreamReaderProtocol> protocol,
                 const StreamReader& reader)
        : state_(new detail::StreamWriterState(transport, std::move(protocol),
                                               &reader.state("StreamWriter()"))) {}
    StreamWriter(Transport& transport, std::shared_ptr<StreamReaderProtocol> protocol)
        : state_(new detail::StreamWriterState(transport, std::move(protocol), nullptr)) {}

    /// Sends at once what the system takes and buffers the rest; never waits (S122). Follow it with
    /// drain() wherever much is written. A string that is moved in is not copied, nor is a view with an
    /// owner. Throws RuntimeError after write_eof(); a lost connection shows up in drain() (S124).
    void write(BytesView data) const { transport("StreamWriter.write()").write(data); }
    template <std::same_as<std::string> S>  // only for rvalues; never by conversion
    void write(S&& data) const {
        transport("StreamWriter.write()").write(static_cast<std::string&&>(data));
    }
    void write(BytesView data, std::shared_ptr<const void> owner) const {
        transport("StreamWriter.write()").write(data, std::move(owner));
    }

    /// Writes several pieces as one, with one gathering system call where possible: any range of what
    /// converts to BytesView, or a list in braces. What must be buffered is copied, but for long strings that
    /// are moved in and pieces with owners.
    void writelines(std::span<const BytesView> pieces) const;
    void writelines(std::span<WritePiece> pieces) const;
    void writelines(std::initializer_list<WritePiece> pieces) const;
    template <detail::PieceRange R>
    void writelines(R&& range) const {
        transport("StreamWriter.writelines()").writelines(std::forward<R>(range));
    }

    /// Waits while the write buffer is above its high mark, until it is at the low one. Neither a flush
    /// nor, when there is nothing to wait for, a yield (S122). Several tasks may wait at once.
    ///
    /// Throws the reader's stored error; ConnectionResetError if the connection is lost (S124).
    /// Cancellation: immediate; what was written stays written.
    [[nodiscard("nothing waits until this is awaited")]] detail::DrainAwaiter drain() const {
        return detail::DrainAwaiter(state_.checked("StreamWriter.drain()"));
    }

    /// Closes the sending direction when everything is sent; the peer may still answer (S125).
    void write_eof() const { transport("StreamWriter.write_eof()").write_eof(); }
    bool can_write_eof() const { return transport("StreamWriter.can_write_eof()").can_write_eof(); }

    /// Sends what is buffered, then closes. Idempotent; see wait_closed().
    void close() const { transport("StreamWriter.close()").close(); }
    bool is_closing() const { return transport("StreamWriter.is_closing()").is_closing(); }
    /// Waits until the connection is gone; throws the error that ended it, if one did.
    /// Cancellation: immediate; the connection goes on closing.
    [[nodiscard("nothing waits until this is awaited")]] detail::WaitClosedAwaiter wait_closed() const {
        return detail::WaitClosedAwaiter(state_.checked("StreamWriter.wait_closed()"));
    }

    /// Goes on over TLS, or over what else `context` makes of the transport; both handles stay. Waits as
    /// drain() does, and gives a server's handshake what has been received and not read. Nothing
    /// may be written meanwhile. Mirrors StreamWriter.start_tls().
    ///
    /// Errors and cancellation close the connection, see aio/transport/transport_upgrade.hpp. Throws
    /// ConnectionAbortedError, too, if the server has sent anything already that was not read.
    Coro<> start_tls(std::shared_ptr<TransportUpgrade> context) const;
    Coro<> start_tls(std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) const;

    /// Sends a file behind what was written, and gives the number of bytes; see aio/transport/sendfile.hpp.
    /// What sendfile() of the transport is in asyncio. Errors and cancellation are that function's.
    Coro<std::uint64_t> sendfile(int file, SendfileOptions options) const;
    Coro<std::uint64_t> sendfile(int file) const;

    /// See BaseTransport::get_extra_info().
    std::any get_extra_info(std::string_view name) const {
        return transport("StreamWriter.get_extra_info()").get_extra_info(name);
    }
    template <class T>
    T get_extra_info(std::string_view name, T fallback) const {
        return transport("StreamWriter.get_extra_info()").get_extra_info(name, std::move(fallback));
    }
    /// The transport below; valid as long as a handle is.
    Transport& transport() const { return transport("StreamWriter.transport()"); }

    /// Whether it refers to a stream; false after a move and where none was given.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same stream. The order, for maps and sets, is any.
    friend bool operator==(const StreamWriter& a, const StreamWriter& b) noexcept = default;
    friend std::strong_ordering operator<=>(const StreamWriter& a, const StreamWriter& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

private:
    friend struct std::hash<StreamWriter>;
    Transport& transport(const char* call) const { return state_.checked(call).transport(); }

    Ref<detail::StreamWriterState> state_;
};

}  // namespace aio

template <>
struct std::hash<aio::StreamWriter> {
    std::size_t operator()(const aio::StreamWriter& writer) const noexcept {
        return hash<aio::Ref<aio::detail::StreamWriterState>>()(writer.state_);
    }
};
