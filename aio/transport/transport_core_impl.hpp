// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>

#include <any>
#include <cstdint>
#include <exception>
#include <string>

namespace aio::detail {

/// What every transport of the library has in common, whatever it carries and over what channel: the way from
/// connection_made() to connection_lost(), the protocol, and the reports of what goes wrong.
///
/// Rules:
/// 1. The loop holds one reference, taken at its making and given back by end() or loop_closed(), whichever
///    comes first. So the object outlives every callback it makes, and end() is the last thing a function
///    does.
/// 2. `kLost` is set when connection_lost() is certain; from then on the channel is stopped, nothing is
///    read or written, and `closer_` is queued.
/// 3. The transport is in the ready queue at most once (`kQueued`), besides `closer_`.
/// 4. What is user code, such as the deleter of what a write keeps, runs when the state is in order, and
///    last: it may close, abort or write.
class TransportCore : public virtual BaseTransport, public Runnable {
public:
    // BaseTransport
    void set_protocol(std::shared_ptr<BaseProtocol> protocol) override;
    std::shared_ptr<BaseProtocol> get_protocol() const override { return protocol_; }
    std::string repr() const override = 0;  // of both bases

    // Runnable
    void discard() noexcept override;

protected:
    enum State : std::uint32_t {
        kQueued = 1 << 0,    ///< in the ready queue
        kStarting = 1 << 1,  ///< connection_made() is still to be called
        kUnopened = 1 << 2,  ///< the channel is not open yet
        kReadable = 1 << 3,  ///< there may be something to read
        kWritable = 1 << 4,  ///< worth a try to send what waits
        kPaused = 1 << 5,    ///< pause_reading()
        kEofReceived = 1 << 6,
        kEofWritten = 1 << 7,  ///< write_eof() was called
        kClosing = 1 << 8,
        kLost = 1 << 9,
        kEnded = 1 << 10,      ///< the channel is closed
        kFailing = 1 << 11,    ///< a failed write is being reported
        kGathering = 1 << 12,  ///< what waits to be sent goes out when the step ends
        kImmediate = 1 << 13,  ///< nothing is gathered
        kDeferred = 1 << 14,   ///< the channel has taken what it has not sent yet
        kHeld = 1 << 15,       ///< a file is being sent, and nothing else may be written
        kFirstOwn = 1 << 16,   ///< from here on each kind of transport has its own
    };
    static constexpr std::uint32_t kNotReading =
        kStarting | kUnopened | kPaused | kEofReceived | kClosing | kLost;
    static constexpr std::uint32_t kNotWriting = kEofWritten | kLost | kFailing | kHeld;

    TransportCore(EventLoop& loop, UniqueFunction<void()> on_made);
    ~TransportCore() override;

    // --- what a kind of transport does itself ---

    /// Takes a protocol; throws TypeError for one that does not suit.
    virtual void install(std::shared_ptr<BaseProtocol> protocol) = 0;
    virtual void call_connection_made() = 0;
    /// Begins to carry data. An error ends the connection.
    virtual void open_channel() = 0;
    /// Nothing is received or sent any more. Idempotent.
    virtual void stop_channel() noexcept = 0;
    virtual void close_channel() noexcept = 0;
    /// The channel is closed: drops what is left, user code last.
    virtual void left() noexcept = 0;
    /// Ends the connection at once; what was to be sent is dropped.
    virtual void force_close(std::exception_ptr error) = 0;

    // --- the life of a connection ---

    /// The first turn: connection_made(), then the channel opens.
    void start();
    void lose(std::exception_ptr error);
    void end();
    void loop_closed() noexcept;
    void set_state(std::uint32_t bits) noexcept {
        state_ |= bits;
        if (bits & kClosing) set_closing();
    }
    bool has_input() const noexcept { return (state_ & (kReadable | kNotReading)) == kReadable; }
    void enqueue() {
        if (state_ & kQueued) return;
        state_ |= kQueued;
        loop_->ready().push(*this);
    }

    /// There is, or may be, something to send.
    void write_again() {
        state_ |= kWritable;
        enqueue();
    }
    /// What flow control asks for. Errors are reported.
    void call_pause_writing();
    void call_resume_writing();

    // --- errors; those without an error argument are called in a catch block ---

    void callback_failed(const char* message);
    void report(const std::exception_ptr& error, const char* message, const char* kind = "");
    void fatal_error(const std::exception_ptr& error, const char* message, const char* kind = "");
    /// For reports: "socket transport"; and a handle of the kind that users have.
    virtual const char* kind() const noexcept = 0;
    virtual std::any handle() = 0;

    EventLoop& loop() const noexcept { return *loop_; }

    std::uint32_t state_ = kStarting | kUnopened;
    Ref<EventLoop> loop_;
    std::shared_ptr<BaseProtocol> protocol_;
    ContextSlot context_;

private:
    /// Ends the connection from the ready queue, in its own place behind what was queued before.
    struct Closer final : Runnable {
        explicit Closer(TransportCore& owner) noexcept : transport(owner) {}
        void run() override { transport.end(); }
        void discard() noexcept override { transport.loop_closed(); }
        std::string repr() const override { return "<connection_lost of " + transport.repr() + ">"; }
        TransportCore& transport;
    };
    void let_go() noexcept;

    Closer closer_{*this};
    std::exception_ptr error_;  ///< for connection_lost()
    UniqueFunction<void()> on_made_;
};

/// A protocol of streams as what it is: one of the two. Throws TypeError for one that is neither.
struct StreamProtocolKind {
    explicit StreamProtocolKind(BaseProtocol* protocol);
    BufferedProtocol* buffered;
    Protocol* plain;
};

/// What a peer or the network does to every program some day.
bool is_ordinary_disconnect(const std::exception_ptr& error) noexcept;

}  // namespace aio::detail
