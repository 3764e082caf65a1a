// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/loop/detail/timer_heap.hpp>
#include <aio/loop/step_end_impl.hpp>
#include <aio/net/datagram_queue_impl.hpp>
#include <aio/net/datagram_transport.hpp>
#include <aio/transport/flow_control_impl.hpp>
#include <aio/transport/transport_core_impl.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace aio {

namespace detail {
class ReceivedBatch;
}

/// The transport of datagram sockets.
///
/// Rules, besides those of TransportCore:
/// 1. The descriptor is registered edge-triggered for reading; for writing only while packets wait that the
///    socket did not take (`kWatchesWriting`), because UDP tells of room after every packet that is sent.
///    Where the kernel tells nothing useful (`kAsksForRoom`) a timer does.
/// 2. A turn receives one batch and delivers 32 packets. What it does not deliver, because the protocol has
///    paused the transport or an exception ends the loop, is copied to `held_`, which is delivered before
///    anything else is received. While there is something in it, `kReadable` is set.
/// 3. `queue_` exists exactly while packets wait to be sent. The first of a step is sent at once, the next
/// ones
///    are gathered (`kGathering`) until the step ends, as those of StreamTransport.
/// 4. error_received() is user code and is called when the state is in order. What it sends joins the queue
///    (`kTelling`), so that it is not called from inside itself.
class SocketDatagramTransport final : public DatagramTransport,
                                      public detail::TransportCore,
                                      public detail::IoWatch,
                                      public pool::Pooled,
                                      private detail::StepEndItem {
public:
    SocketDatagramTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol> protocol,
                            SocketAddress peer, UniqueFunction<void()> on_made);
    ~SocketDatagramTransport() override;

    // BaseTransport
    void close() override;
    std::any get_extra_info(std::string_view name) const override;
    std::string repr() const override;

    // ReadTransport
    void pause_reading() override;
    void resume_reading() override;
    bool is_reading() const noexcept override { return (state_ & (kClosing | kPaused)) == 0; }

    // DatagramTransport
    void sendto(BytesView data, const SocketAddress& address) override;
    void abort() override;
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) override;
    WriteBufferLimits get_write_buffer_limits() const noexcept override { return flow_.limits(); }
    std::size_t get_write_buffer_size() const override;
    void set_gather_writes(bool on) override;

    // IoWatch
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override { loop_closed(); }

    // Runnable
    void run() override;

private:
    static constexpr std::uint32_t kUdp = kFirstOwn;            ///< joined packets are possible
    static constexpr std::uint32_t kJoins = kFirstOwn * 2;      ///< UDP_SEGMENT has not failed yet
    static constexpr std::uint32_t kConnected = kFirstOwn * 4;  ///< the kernel knows the peer
    static constexpr std::uint32_t kWatchesWriting = kFirstOwn * 8;
    static constexpr std::uint32_t kTelling = kFirstOwn * 16;  ///< error_received() runs
    static constexpr std::uint32_t kJoined = kFirstOwn * 32;   ///< what was received last was joined
    /// A Unix socket whose packets go to any address: the kernel does not tell when another one's queue has
    /// room again, and tells of room after each try that failed. So it has to be tried now and then.
    static constexpr std::uint32_t kAsksForRoom = kFirstOwn * 64;

    struct Retry final : detail::TimerNode {
        explicit Retry(SocketDatagramTransport& owner) noexcept : transport(owner) {}
        void run() override {
            waiting = false;
            transport.write_again();
        }
        void discard() noexcept override { waiting = false; }
        std::string repr() const override { return "<send again of " + transport.repr() + ">"; }
        SocketDatagramTransport& transport;
        Duration delay{};
        bool waiting = false;
    };

    int descriptor() const noexcept { return IoWatch::fd; }
    void look_at_socket();
    bool has_peer() const noexcept { return !peer_.empty() || (state_ & kConnected) != 0; }
    void check_address(const SocketAddress& address) const;

    // TransportCore
    void install(std::shared_ptr<BaseProtocol> protocol) override;
    void call_connection_made() override;
    void open_channel() override;
    void stop_channel() noexcept override;
    void close_channel() noexcept override;
    void left() noexcept override;
    void force_close(std::exception_ptr error) override;
    const char* kind() const noexcept override { return "datagram transport"; }
    std::any handle() override { return Ref<DatagramTransport>(this); }

    // input
    void read_ready();
    void read_failed(int error);
    void deliver(const detail::ReceivedBatch& batch, int count);
    void deliver_held();
    bool deliver(BytesView data, const SocketAddress& sender);
    void hold(const detail::ReceivedBatch& batch, int count, int index, std::size_t offset);
    void hold_if_possible(const detail::ReceivedBatch& batch, int count, int index,
                          std::size_t offset) noexcept;
    const SocketAddress& sender_of(const detail::ReceivedBatch& batch, int index);

    // output
    void step_ended() override;
    std::string step_repr() const override { return "<packets of " + repr() + ">"; }
    bool may_send_now(std::size_t size);
    bool may_send_after_all(std::size_t size, bool same_step);
    std::size_t gather_limit() const noexcept;
    void end_gathering() noexcept {
        state_ &= ~kGathering;
        StepEndItem::unlink();
    }
    void settle() {
        if (state_ & kGathering) [[unlikely]]
            send_gathered();
    }
    void send_gathered();
    int try_to_send(BytesView data, const SocketAddress& to) noexcept;
    void keep(BytesView data, const SocketAddress& to);
    void write_ready();
    bool send_queue();
    bool flush();
    bool send_one_by_one(unsigned count);
    void forget(std::size_t count) noexcept;
    void wait_for_room();
    void stop_waiting_for_room() noexcept;
    void send_failed(int error, const SocketAddress& to);
    void tell(std::exception_ptr error);
    std::size_t unsent() const noexcept { return queue_ ? queue_->size() : 0; }
    void pause_protocol_if_full();
    void resume_protocol_if_low();

    DatagramProtocol* datagrams_ = nullptr;  ///< the protocol as what it is
    std::unique_ptr<detail::DatagramQueue> held_;
    std::unique_ptr<detail::DatagramQueue> queue_;
    std::size_t last_step_ = static_cast<std::size_t>(-1);  ///< the step of the last packet
    std::uint32_t ignored_ = 0;                             ///< packets after the end
    detail::FlowControl flow_;
    SocketAddress peername_;  ///< whom the socket is connected to
    SocketAddress peer_;      ///< where packets without an address go
    SocketAddress sockname_;
    SocketAddress sender_;  ///< of the last packet
    Retry retry_{*this};
};

}  // namespace aio
