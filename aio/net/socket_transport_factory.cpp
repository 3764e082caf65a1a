// SPDX-License-Identifier: MIT
#include <aio/net/socket_transport_impl.hpp>
#include <aio/net/uring_transport_impl.hpp>

namespace aio {

template <class T>
static Ref<Transport> make(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol>&& protocol,
                           SocketTransportOptions&& options) {
    return Ref<Transport>(new T(loop, std::move(socket), std::move(protocol), std::move(options)));
}

Ref<Transport> make_socket_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     SocketTransportOptions options) {
    loop.check_closed();
    socket.set_nonblocking();
    const int fd = socket.fileno();
    loop.claim_descriptor(fd);
    try {
#ifdef AIO_IO_URING
        if (loop.poller().uring()) {
            return make<UringTransport>(loop, std::move(socket), std::move(protocol), std::move(options));
        }
#endif
        return make<SocketTransport>(loop, std::move(socket), std::move(protocol), std::move(options));
    } catch (...) {
        loop.release_descriptor(fd);
        throw;
    }
}

namespace detail {
namespace {

class SocketTransports final : public TransportFactory {
public:
    Ref<Transport> make_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                  SocketTransportOptions options) override {
        return make_socket_transport(loop, std::move(socket), std::move(protocol), std::move(options));
    }
};

std::shared_ptr<TransportFactory>& default_factory() {
    static auto& factory =
        *new std::shared_ptr<TransportFactory>(new SocketTransports);  // outlives the statics
    return factory;
}

}  // namespace

std::shared_ptr<TransportFactory> default_transport_factory() { return default_factory(); }

void set_default_transport_factory(std::shared_ptr<TransportFactory> factory) {
    default_factory() = factory ? std::move(factory) : std::make_shared<SocketTransports>();
}

}  // namespace detail
}  // namespace aio
