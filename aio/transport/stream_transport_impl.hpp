// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/step_end_impl.hpp>
#include <aio/transport/flow_control_impl.hpp>
#include <aio/transport/transport_core_impl.hpp>
#include <aio/transport/transport_group.hpp>
#include <aio/transport/write_queue_impl.hpp>

#include <sys/types.h>
#include <sys/uio.h>
#include <memory>
#include <span>
#include <string>

namespace aio {

/// What transports of byte streams have in common: handing what arrives to the protocol, the write queue,
/// flow control. A kind of transport adds the channel.
///
/// Rules, besides those of TransportCore:
/// 1. `queue_` exists exactly while bytes wait to be sent.
/// 2. The first write of a step goes out at once, the next ones are gathered (`kGathering`) until the step
///    ends, until there would be more than 64 KiB or the high mark, or until somebody looks (settle()). So
///    it is what the channel has refused that decides about a pause.
class StreamTransport : public Transport, public detail::TransportCore, private detail::StepEndItem {
public:
    // BaseTransport
    void close() final;

    // ReadTransport
    void pause_reading() override;
    void resume_reading() override;
    bool is_reading() const noexcept override { return (state_ & (kClosing | kPaused)) == 0; }

    // WriteTransport
    using WriteTransport::write;
    using WriteTransport::writelines;
    void write(BytesView data) final;
    void write(std::string&& data) final;
    void write(BytesView data, std::shared_ptr<const void> owner) final;
    void writelines(std::span<const BytesView> pieces) final;
    void writelines(std::span<WritePiece> pieces) final;
    void write_eof() final;
    bool can_write_eof() const noexcept override { return true; }
    void abort() final;
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) final;
    WriteBufferLimits get_write_buffer_limits() const noexcept final { return flow_.limits(); }
    std::size_t get_write_buffer_size() const final;
    void set_gather_writes(bool on) final;
    void gather_this_step() final;

    // For sendfile().
    /// The socket that carries what is written as it is; -1 if there is none.
    virtual int socket_of_bytes() const noexcept { return -1; }
    /// Whether everything written has left.
    bool all_sent() const noexcept { return !queue_ && !(state_ & kDeferred); }
    /// Whether write() is refused.
    void hold_writes(bool on) noexcept { state_ = on ? state_ | kHeld : state_ & ~kHeld; }

protected:
    StreamTransport(EventLoop& loop, Ref<TransportGroup> group, UniqueFunction<void()> on_made);
    ~StreamTransport() override;
    /// The last step of making one: from here on nothing fails.
    void begin() noexcept;

    // --- what a kind of transport does itself ---

    /// Sends what the channel takes now: how much that is, or -1 and errno.
    virtual ssize_t send_now(BytesView data) noexcept = 0;
    virtual ssize_t send_now(std::span<const iovec> pieces) noexcept = 0;
    /// Sends what it has taken only to send it later (`kDeferred`): whether nothing is left, else errno.
    virtual bool send_deferred() noexcept { return true; }
    /// Closes the sending direction.
    virtual void shut_down_writing() noexcept = 0;
    /// The error that errno tells of: "write to 127.0.0.1:80: Broken pipe".
    virtual std::exception_ptr system_error(const char* operation) const noexcept = 0;

    // --- what it is given ---

    /// Hands `data` to the protocol, as much as it takes at a time, so that other callbacks have their turn.
    /// `taken` tells how much that is, also if an exception that ends the loop leaves this.
    void deliver(BytesView data, std::size_t& taken);
    /// Tells the protocol of `count` bytes in `buffer`, which is `target`'s, or that of the thread if that is
    /// null. Whether it has taken them.
    bool hand_over(BufferedProtocol* target, std::span<const char> buffer, std::size_t count) {
        try {
            if (target) {
                target->buffer_updated(count);
            } else {
                plain_->data_received(BytesView(buffer.data(), count));
            }
        } catch (...) {
            callback_failed(target ? "Fatal error: protocol.buffer_updated() call failed."
                                   : "Fatal error: protocol.data_received() call failed.");
            return false;
        }
        return true;
    }
    /// The peer will send nothing more.
    void deliver_eof();
    /// The channel may take more. The last thing that a function does: may be the end of this object.
    void write_ready();
    /// Sends what was gathered, or deferred and not on its way, before somebody looks.
    void settle() {
        if (state_ & (kGathering | kDeferred)) [[unlikely]]
            send_all_now();
    }
    /// A system call failed, or one that was deferred; errno says how. Gives 0.
    std::size_t send_failed();
    /// "<KIND open CHANNEL unsent=5>"
    std::string repr_of(const char* kind, const std::string& channel) const;
    std::size_t unsent() const noexcept { return queue_ ? queue_->size() : 0; }

    // TransportCore
    void install(std::shared_ptr<BaseProtocol> protocol) final;
    void force_close(std::exception_ptr error) final;
    void left() noexcept final;
    std::any handle() final { return Ref<Transport>(this); }

    BufferedProtocol* buffered_ = nullptr;  ///< the protocol as what it is; one of the two
    Protocol* plain_ = nullptr;

private:
    void call_connection_made() final;
    void step_ended() final;
    std::string step_repr() const final { return "<writes of " + repr() + ">"; }

    void refuse(std::size_t size, const char* operation);
    bool may_send_now(std::size_t size);
    [[gnu::noinline]] bool may_send_after_all(std::size_t size, bool same_step);
    std::size_t gather_limit() const noexcept;
    bool begin_gathering() noexcept;
    void end_gathering() noexcept {
        state_ &= ~kGathering;
        unlink();
    }
    void send_all_now();
    void send_gathered();
    bool send_queue();
    std::size_t accepted(ssize_t result) {
        return result >= 0 ? static_cast<std::size_t>(result) : send_failed();
    }
    template <class Piece>
    void write_pieces(std::span<Piece> pieces);
    bool flush();
    template <class F>
    void keep(bool part, F&& add);
    [[gnu::noinline]] void keep_rest(BytesView data, ssize_t result);
    [[gnu::cold]] void rest_is_lost(bool part);
    void pause_protocol_if_full();
    void resume_protocol_if_low();

    std::unique_ptr<detail::WriteQueue> queue_;
    std::size_t last_step_ = static_cast<std::size_t>(-1);  ///< the step of the last write
    std::uint32_t ignored_writes_ = 0;                      ///< after the connection was lost
    detail::FlowControl flow_;
    Ref<TransportGroup> group_;
    TransportGroup::Member member_{*this};
};

}  // namespace aio
