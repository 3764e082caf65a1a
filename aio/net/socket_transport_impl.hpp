// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/net/socket_transport_base_impl.hpp>

#include <cstdint>

namespace aio {

/// The transport of stream sockets over a poller that tells of readiness.
///
/// Rules, besides those of StreamTransport:
/// 1. The descriptor is registered once, edge-triggered for both directions, and never modified. An edge
///    is remembered in `kReadable`; pausing and resuming only look at that bit. An edge sets `kWritable` only
///    while something waits to be sent.
/// 2. One recv per turn. A read that fills its buffer leaves `kReadable` set and queues the transport for
///    the next iteration; a short read means drained and clears it, unless it is known that there may be
///    more, of which there will be no second edge. Then reading goes on until nothing is there: after an
///    event that told of the end, an error or urgent data, or a message with something attached
///    (`kReadToEnd`), and always on what is neither TCP nor Unix (`kUntrusted`).
class SocketTransport final : public SocketTransportBase, public detail::IoWatch, public pool::Pooled {
public:
    SocketTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol> protocol,
                    SocketTransportOptions&& options);
    ~SocketTransport() override;

    // IoWatch
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override { loop_closed(); }

    // Runnable
    void run() override;

private:
    static constexpr std::uint32_t kReadToEnd =
        kFirstOwn;  ///< a short read does not mean that nothing is left
    /// A Unix socket: messages may have something attached, which ends a read.
    static constexpr std::uint32_t kAttachments = kFirstOwn * 2;
    /// Another kind of socket: why its reads stop short is not known.
    static constexpr std::uint32_t kUntrusted = kFirstOwn * 4;

    void look_at_kind();

    // TransportCore
    void open_channel() override;
    void stop_channel() noexcept override { loop_->poller().remove(*this); }
    void close_channel() noexcept override { close_socket(); }

    // StreamTransport
    ssize_t send_now(BytesView data) noexcept override;
    ssize_t send_now(std::span<const iovec> pieces) noexcept override;

    // input; what is not the usual case is apart, so that the usual one is short
    [[gnu::noinline]] void on_other_events(std::uint32_t events) noexcept;
    void read_ready();
    ssize_t receive_message(std::span<char> buffer) noexcept;
    void read_failed(bool end_of_file);
};

}  // namespace aio
