// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/loop/detail/uring_poller_impl.hpp>
#include <aio/net/socket_transport_base_impl.hpp>

namespace aio {

/// The transport of stream sockets over an io_uring: what arrives is received into the ring's buffers by one
/// operation that goes on until it is stopped, and handed to the protocol from there.
///
/// Rules, besides those of StreamTransport:
/// 1. `kReadable` is set while the channel holds something received, or the end. One piece is handed over per
///    turn.
/// 2. Receiving stops with the next poll after reading is paused. What has arrived by then is held apart
///    from the ring's buffers, which all transports of a loop share; once the transport is closing it is
///    dropped.
/// 3. Writes go out by system calls at once, as with any transport, and the ring only tells when the socket
///    takes more. With LoopOptions::defer_writes() those of up to 16 KiB go out with the next poll, by the
///    ring, and `kDeferred` is set until they have.
class UringTransport final : public SocketTransportBase, private detail::UringClient, public pool::Pooled {
public:
    UringTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol> protocol,
                   SocketTransportOptions&& options);
    ~UringTransport() override;

    // ReadTransport
    void pause_reading() override;
    void resume_reading() override;

    // Runnable
    void run() override;

private:
    // UringClient
    void on_input() noexcept override;
    void on_output() noexcept override;
    void on_poller_closed() noexcept override { loop_closed(); }

    // TransportCore
    void open_channel() override;
    void stop_channel() noexcept override;
    void close_channel() noexcept override;

    // StreamTransport
    ssize_t send_now(BytesView data) noexcept override;
    ssize_t send_now(std::span<const iovec> pieces) noexcept override;
    bool send_deferred() noexcept override { return channel_->send_deferred(); }

    bool defers(std::size_t size) const noexcept;
    ssize_t defer(std::span<const iovec> pieces) noexcept;
    ssize_t sent(ssize_t result, std::size_t size) noexcept;
    void read_ready();
    void set_aside() noexcept;
    void delivered(detail::UringPiece& piece, std::size_t taken) noexcept;
    detail::UringPoller& poller() const noexcept { return *loop_->poller().uring(); }

    detail::UringChannel* channel_ = nullptr;  ///< null when it is given up
    const bool deferring_;
};

}  // namespace aio
