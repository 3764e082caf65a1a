// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/loop/detail/close_watch.hpp>
#include <aio/pipe/detail/attach_pipe.hpp>
#include <aio/pipe/non_blocking_impl.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <any>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aio {

/// The transport of one end of a pipe, or of what is used as one: a FIFO, a terminal, a socket, standard
/// input that is a file.
///
/// Rules, besides those of StreamTransport:
/// 1. It is registered once, edge-triggered, for the one direction. What can be read from a writing end, a
///    terminal or a socket, is somebody else's; only a hang-up or an error tells that its reader is gone.
/// 2. One read per turn. Only a pipe's short read means that it is empty, and not after the event that told
///    of its end; everything else is read until nothing is there.
/// 3. Files and devices that nobody can wait for are always ready, and stand in the loop's list of what has
///    to hear of its close.
/// 4. A socket is never switched to non-blocking, it need not be; everything else has been.
/// 5. A terminal's end is believed when it is told twice: Linux tells of it, now and then, while the last
///    bytes are still on their way within the kernel, and its next read() waits for these.
class PipeTransport final : public StreamTransport,
                            public detail::IoWatch,
                            public detail::CloseWatch,
                            public pool::Pooled {
public:
    /// `held`: what is let go at the end.
    PipeTransport(EventLoop& loop, Socket&& pipe, std::shared_ptr<BaseProtocol> protocol, detail::PipeEnd end,
                  UniqueFunction<void()> on_made, detail::NonBlocking&& held);
    ~PipeTransport() override;

    // BaseTransport
    std::any get_extra_info(std::string_view name) const override;
    std::string repr() const override;

    // ReadTransport, WriteTransport
    bool is_reading() const noexcept override { return reads() && StreamTransport::is_reading(); }
    bool can_write_eof() const noexcept override { return !reads(); }

    // IoWatch, CloseWatch
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override { loop_closed(); }

    // Runnable
    void run() override;

private:
    static constexpr std::uint32_t kReading = kFirstOwn;   ///< which end it is
    static constexpr std::uint32_t kPipe = kFirstOwn * 2;  ///< a short read means that it is empty
    static constexpr std::uint32_t kSocket = kFirstOwn * 4;
    static constexpr std::uint32_t kTerminal = kFirstOwn * 8;
    static constexpr std::uint32_t kReadToEnd = kFirstOwn * 16;
    static constexpr std::uint32_t kReaderGone = kFirstOwn * 32;
    static constexpr std::uint32_t kNoFlag = kFirstOwn * 64;  ///< against SIGPIPE, for its writes

    bool reads() const noexcept { return (state_ & kReading) != 0; }
    void look_at_kind();
    ssize_t write_quietly(std::span<const iovec> pieces) noexcept;

    // TransportCore
    void open_channel() override;
    void stop_channel() noexcept override;
    void close_channel() noexcept override;
    const char* kind() const noexcept override { return "pipe transport"; }

    // StreamTransport
    ssize_t send_now(BytesView data) noexcept override;
    ssize_t send_now(std::span<const iovec> pieces) noexcept override;
    void shut_down_writing() noexcept override { close(); }
    std::exception_ptr system_error(const char* operation) const noexcept override;

    void read_ready();
    ssize_t read_now(std::span<char> buffer) noexcept;
    void read_failed(bool end_of_file);
    void reader_gone();

    int fd_;
    detail::NonBlocking held_;
};

/// A transport over one end of a pipe, which it takes over; `held` as above. Throws RuntimeError if the loop
/// is closed or watches the descriptor, TypeError, OSError.
Ref<Transport> make_pipe_transport(EventLoop& loop, Socket pipe, std::shared_ptr<BaseProtocol> protocol,
                                   detail::PipeEnd end, UniqueFunction<void()> on_made = nullptr,
                                   detail::NonBlocking held = {});

/// Throws ValueError for what is neither a pipe nor a socket nor a device.
void check_pipe(const Socket& pipe, detail::PipeEnd end);

}  // namespace aio
