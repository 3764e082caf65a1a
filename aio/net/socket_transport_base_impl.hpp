// SPDX-License-Identifier: MIT
#pragma once

#include <aio/net/socket_transport.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <any>
#include <exception>
#include <string>
#include <string_view>

namespace aio {

/// What transports over a stream socket have in common, however they learn that there is input.
class SocketTransportBase : public StreamTransport {
public:
    // BaseTransport
    std::any get_extra_info(std::string_view name) const final;
    std::string repr() const final;

    // StreamTransport
    int socket_of_bytes() const noexcept final { return fd_; }

protected:
    SocketTransportBase(EventLoop& loop, int fd, SocketTransportOptions&& options);
    ~SocketTransportBase() override;
    /// Takes the protocol and looks at the socket. Whether it is TCP.
    bool set_up(std::shared_ptr<BaseProtocol> protocol);
    int descriptor() const noexcept { return fd_; }
    void close_socket() noexcept;

    // TransportCore
    const char* kind() const noexcept final { return "socket transport"; }

    // StreamTransport
    void shut_down_writing() noexcept override;
    std::exception_ptr system_error(const char* operation) const noexcept final;

private:
    int fd_;
    SocketAddress peername_;
    SocketAddress sockname_;
};

}  // namespace aio
