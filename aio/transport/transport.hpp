// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/detail/trivial_vector.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/transport/detail/piece_range.hpp>
#include <aio/transport/socket_address.hpp>
#include <aio/transport/write_piece.hpp>

#include <any>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Transports: the byte pipes below protocols. Mirrors asyncio's transport classes.
///
/// Ownership: a transport counts its references (`Ref<Transport>`). The loop holds one from the
/// transport's making until connection_lost() has returned, so dropping every handle neither closes nor
/// loses a connection. After that (or after the loop's close) the object is an inert shell: every call is
/// harmless, writes are ignored.
/// Threads: the loop's only; the reference count is not atomic.
namespace aio {

class BaseProtocol;

/// What all transports have in common.
class BaseTransport {
public:
    BaseTransport(const BaseTransport&) = delete;
    BaseTransport& operator=(const BaseTransport&) = delete;

    /// Stops reading, sends what is buffered, then calls connection_lost(nullptr); never from inside this
    /// call (S126, S128). Idempotent.
    virtual void close() = 0;
    /// Closing or closed.
    bool is_closing() const noexcept { return closing_; }

    /// What is known about the channel under `name`; empty if nothing is. Sockets know "peername" and
    /// "sockname" (SocketAddress) and "socket" (TransportSocket).
    virtual std::any get_extra_info(std::string_view name) const = 0;
    /// The same as a `T`, or `fallback` if it is absent or of another type.
    template <class T>
    T get_extra_info(std::string_view name, T fallback) const {
        std::any value = get_extra_info(name);
        T* found = std::any_cast<T>(&value);
        return found ? std::move(*found) : std::move(fallback);
    }
    /// The typed spellings of the frequent ones; empty, and -1, where the channel has none.
    SocketAddress peername() const;
    SocketAddress sockname() const;
    int fd() const;

    /// Switches the protocol in flight; the next event goes to the new one, which gets no
    /// connection_made(). Throws TypeError for a protocol that does not suit the transport.
    virtual void set_protocol(std::shared_ptr<BaseProtocol> protocol) = 0;
    /// The protocol; null after connection_lost().
    virtual std::shared_ptr<BaseProtocol> get_protocol() const = 0;

    /// Text for people and reports.
    virtual std::string repr() const = 0;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

protected:
    BaseTransport() noexcept = default;
    virtual ~BaseTransport() = default;
    /// For implementations: from now on is_closing().
    void set_closing() noexcept { closing_ = true; }

private:
    unsigned refs_ = 0;
    bool closing_ = false;
};

/// A transport one can read from.
class ReadTransport : public virtual BaseTransport {
public:
    /// Stops and restarts delivery of data; both idempotent, and without effect on a closing transport
    /// (S130).
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
    /// Neither paused nor closing.
    virtual bool is_reading() const noexcept = 0;
};

/// Low and high mark of a write buffer, in bytes.
struct WriteBufferLimits {
    std::size_t low;
    std::size_t high;
    friend bool operator==(const WriteBufferLimits&, const WriteBufferLimits&) = default;
};

/// A transport one can write to.
class WriteTransport : public virtual BaseTransport {
public:
    /// Sends at once what the system takes and buffers the rest; never waits (S122). What the same callback
    /// or task step writes after that is sent when it ends, together (set_gather_writes()). Throws
    /// RuntimeError after write_eof(). Ignored once the connection is lost, with a logged warning from the
    /// fifth time on (S124).
    virtual void write(BytesView data) = 0;
    /// The same; if it must be buffered, the string itself is kept, and not copied unless it is short.
    virtual void write(std::string&& data) { write(BytesView(data)); }
    /// The same; if it must be buffered, `owner` is held and nothing is copied. The bytes must stay
    /// unchanged as long as `owner` lives.
    virtual void write(BytesView data, std::shared_ptr<const void> owner) = 0;
    void write(const char* text) { write(BytesView(text)); }

    /// Writes several pieces as one, with one gathering system call where possible. Also takes any range of
    /// what converts to BytesView. What must be buffered is copied.
    virtual void writelines(std::span<const BytesView> pieces) = 0;
    /// The same; what must be buffered and is owned is moved out of its piece, and not copied unless it is
    /// short. Takes lists in braces, and any range of pieces or strings that is moved in. By default as if
    /// nothing was owned.
    virtual void writelines(std::span<WritePiece> pieces);
    void writelines(std::initializer_list<WritePiece> pieces);
    template <detail::PieceRange R>
    void writelines(R&& range) {
        static_assert(!detail::kKeptPieces<R>,
                      "writelines() moves out of the pieces: give it std::move(pieces)");
        if constexpr (detail::kLent<R>) {
            detail::TrivialVector<BytesView> pieces;
            for (auto&& piece : range) pieces.push_back(BytesView(piece));
            write_pieces(pieces.begin(), pieces.size());
        } else {
            auto pieces = detail::taken_pieces(std::forward<R>(range));
            write_pieces(pieces.data(), pieces.size());
        }
    }

    /// Closes the sending direction after what is buffered is sent (S125).
    virtual void write_eof() = 0;
    virtual bool can_write_eof() const noexcept = 0;
    /// Drops what is buffered and closes at once; connection_lost(nullptr) follows from the loop.
    virtual void abort() = 0;

    /// Sets the marks at which the protocol is paused and resumed, in bytes (S123). Without arguments 64
    /// KiB and 16 KiB; a missing one follows from the other as low = high / 4. Throws ValueError unless
    /// high >= low.
    virtual void set_write_buffer_limits(std::optional<std::size_t> high = std::nullopt,
                                         std::optional<std::size_t> low = std::nullopt) = 0;
    virtual WriteBufferLimits get_write_buffer_limits() const noexcept = 0;
    /// Bytes that the system has refused so far; what was gathered is offered to it first.
    virtual std::size_t get_write_buffer_size() const = 0;

    /// Whether what a callback or task step writes after its first write() is gathered, up to 64 KiB, and
    /// sent when the step ends; else each write() is a system call. The first goes out at once either way,
    /// and whatever can look at the difference sends before: get_write_buffer_size(),
    /// get_extra_info("socket"), write_eof(), close(), abort(), and a pause of the protocol. On by default
    /// (LoopOptions::gather_writes()); transports of other kinds may ignore it. asyncio has no such call:
    /// there it is always off.
    virtual void set_gather_writes(bool on);
    /// Has this step's first write() gathered, too, where others are: for who knows that more will follow in
    /// the same step, as a server that has several requests at hand. It counts until the step ends.
    virtual void gather_this_step();

private:
    // Out of line: making a span costs every user's compile time.
    void write_pieces(const BytesView* pieces, std::size_t count);
    void write_pieces(WritePiece* pieces, std::size_t count);
};

/// A two-way byte stream: TCP, Unix, TLS.
class Transport : public ReadTransport, public WriteTransport {};

/// Sends and receives packets: UDP, Unix datagrams. Mirrors asyncio.DatagramTransport, with the functions for
/// flow control that its transports have.
class DatagramTransport : public ReadTransport {
public:
    /// Sends one packet, which may be empty, to `address`, or to the endpoint's peer if it is empty. Never
    /// waits: at first it is offered to the system at once, what the same callback or task step sends after
    /// that when the step ends, together (set_gather_writes()); what the system does not take is kept, and
    /// counts 8 bytes more than it has. An error goes to error_received(), also from inside this call.
    ///
    /// Throws ValueError if the endpoint has another peer (S133), or none and there is no address either.
    /// Ignored once the endpoint is closed, with a logged warning from the fifth time on.
    virtual void sendto(BytesView data, const SocketAddress& address = SocketAddress()) = 0;
    /// Drops queued packets and closes at once; connection_lost(nullptr) follows from the loop.
    virtual void abort() = 0;

    /// As those of WriteTransport.
    virtual void set_write_buffer_limits(std::optional<std::size_t> high = std::nullopt,
                                         std::optional<std::size_t> low = std::nullopt) = 0;
    virtual WriteBufferLimits get_write_buffer_limits() const noexcept = 0;
    virtual std::size_t get_write_buffer_size() const = 0;
    virtual void set_gather_writes(bool on) = 0;
};

namespace detail {
/// The rule of set_write_buffer_limits(), for implementations.
WriteBufferLimits checked_limits(std::optional<std::size_t> high, std::optional<std::size_t> low);
inline constexpr WriteBufferLimits kDefaultLimits{16 * 1024, 64 * 1024};
}  // namespace detail

}  // namespace aio
