// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/socket_transport.hpp>
#include <aio/transport/write_queue_impl.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

namespace aio {

/// The transport of stream sockets.
///
/// Rules:
/// 1. The descriptor is registered once, edge-triggered for both directions, and never modified. An edge
///    is remembered in `kReadable`; pausing and resuming only look at that bit.
/// 2. One recv per turn. A read that fills its buffer leaves `kReadable` set and queues the transport for
///    the next iteration; a short read means drained and clears it, unless it is known that there may be
///    more, of which there will be no second edge. Then reading goes on until nothing is there: after an
///    event that told of the end, an error or urgent data, or a message with something attached
///    (`kReadToEnd`), and always on what is neither TCP nor Unix (`kUntrusted`).
/// 3. `queue_` exists exactly while bytes wait to be sent. An edge sets `kWritable` only then.
/// 4. The loop holds one reference, taken in the constructor and given back by end() or
///    loop_closed(), whichever comes first. So the object outlives every callback it makes, and end() is
///    the last thing a function does.
/// 5. `kLost` is set when connection_lost() is certain; from then on nothing is registered, read or
///    written, and the only thing queued is `closer_`.
/// 6. The transport is in the ready queue at most once (`kQueued`), besides `closer_`.
/// 7. What is user code, such as the deleter of what a piece of `queue_` keeps, runs when the state is in
///    order, and last: it may close, abort or write.
class SocketTransport final : public Transport,
                              public detail::IoWatch,
                              public detail::Runnable,
                              public pool::Pooled {
public:
    SocketTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<StreamProtocol> protocol,
                    SocketTransportOptions&& options);
    ~SocketTransport() override;

    // BaseTransport
    void close() override;
    std::any get_extra_info(std::string_view name) const override;
    void set_protocol(std::shared_ptr<BaseProtocol> protocol) override;
    std::shared_ptr<BaseProtocol> get_protocol() const override { return protocol_; }
    std::string repr() const override;

    // ReadTransport
    void pause_reading() override;
    void resume_reading() override;
    bool is_reading() const noexcept override { return (state_ & (kClosing | kPaused)) == 0; }

    // WriteTransport
    using WriteTransport::write;
    using WriteTransport::writelines;
    void write(BytesView data) override;
    void write(std::string&& data) override;
    void write(BytesView data, std::shared_ptr<const void> owner) override;
    void writelines(std::span<const BytesView> pieces) override;
    void write_eof() override;
    bool can_write_eof() const noexcept override { return true; }
    void abort() override { force_close(nullptr); }
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) override;
    WriteBufferLimits get_write_buffer_limits() const noexcept override { return limits_; }
    std::size_t get_write_buffer_size() const noexcept override { return queue_ ? queue_->size() : 0; }

    // IoWatch
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override { loop_closed(); }

    // Runnable
    void run() override;
    void discard() noexcept override;

private:
    enum State : std::uint32_t {
        kQueued = 1,      ///< in the ready queue
        kStarting = 2,    ///< connection_made() is still to be called
        kUnwatched = 4,   ///< not registered yet
        kReadable = 8,    ///< there may be something to read
        kReadToEnd = 16,  ///< a short read does not mean that nothing is left
        kWritable = 32,   ///< worth a try to send what waits
        kPaused = 64,     ///< pause_reading()
        kEofReceived = 128,
        kEofWritten = 256,     ///< write_eof() was called
        kWritingPaused = 512,  ///< the protocol was told to pause
        kClosing = 1024,
        kLost = 2048,
        kEnded = 4096,         ///< the socket is closed
        kFailing = 8192,       ///< a failed write is being reported
        kAttachments = 16384,  ///< a Unix socket: messages may have something attached, which ends a read
        kUntrusted = 32768,    ///< another kind of socket: why its reads stop short is not known
    };
    static constexpr std::uint32_t kNotReading =
        kStarting | kUnwatched | kPaused | kEofReceived | kClosing | kLost;
    static constexpr std::uint32_t kNotWriting = kEofWritten | kLost | kFailing;

    /// Ends the connection from the ready queue, in its own place behind what was queued before.
    struct Closer final : detail::Runnable {
        explicit Closer(SocketTransport& owner) noexcept : transport(owner) {}
        void run() override { transport.end(); }
        void discard() noexcept override { transport.loop_closed(); }
        std::string repr() const override { return "<connection_lost of " + transport.repr() + ">"; }
        SocketTransport& transport;
    };

    int descriptor() const noexcept { return detail::IoWatch::fd; }
    bool has_input() const noexcept { return (state_ & (kReadable | kNotReading)) == kReadable; }
    void enqueue() {
        if (state_ & kQueued) return;
        state_ |= kQueued;
        loop_->ready().push(*this);
    }
    void install(std::shared_ptr<StreamProtocol> protocol);

    // the life of a connection
    void start();
    void watch();
    void force_close(std::exception_ptr error);
    void set_state(std::uint32_t bits) noexcept {
        state_ |= bits;
        if (bits & kClosing) set_closing();
    }
    void lose(std::exception_ptr error);
    void end();
    void loop_closed() noexcept;
    void close_socket() noexcept;
    void look_at_kind();

    // input; what is not the usual case is apart, so that the usual one is short
    [[gnu::noinline]] void on_other_events(std::uint32_t events) noexcept;
    void read_ready();
    ssize_t receive_message(std::span<char> buffer) noexcept;
    void read_failed(bool end_of_file);
    void eof_received();

    // output
    void refuse(std::size_t size, const char* operation);
    std::size_t send(BytesView data);
    std::size_t send(std::span<const iovec> pieces);
    std::size_t send_failed();
    template <class F>
    void keep(const bool& part, F&& add);
    [[gnu::cold]] void rest_is_lost(bool part);
    void write_ready();
    bool flush();
    void write_again() {
        state_ |= kWritable;
        enqueue();
    }
    void shut_down_writing() noexcept;
    void pause_protocol_if_full();
    void resume_protocol_if_low();

    // errors; those without an error argument are called in a catch block
    void callback_failed(const char* message);
    void report(const char* message, const std::exception_ptr& error);
    void fatal_error(const std::exception_ptr& error, const char* message);
    std::exception_ptr system_error(const char* operation) const noexcept;

    std::uint32_t state_ = kStarting | kUnwatched;
    std::uint32_t ignored_writes_ = 0;  ///< after the connection was lost
    Ref<EventLoop> loop_;
    BufferedProtocol* buffered_ = nullptr;  ///< the protocol as what it is; one of the two
    Protocol* plain_ = nullptr;
    std::unique_ptr<detail::WriteQueue> queue_;
    std::shared_ptr<StreamProtocol> protocol_;
    detail::ContextSlot context_;
    WriteBufferLimits limits_ = detail::kDefaultLimits;
    Closer closer_{*this};
    std::exception_ptr error_;  ///< for connection_lost()
    TransportGroup::Member member_{*this};
    Ref<TransportGroup> group_;
    UniqueFunction<void()> on_made_;
    SocketAddress peername_;
    SocketAddress sockname_;
};

}  // namespace aio
