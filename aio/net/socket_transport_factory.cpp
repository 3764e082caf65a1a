// SPDX-License-Identifier: MIT
#include <aio/net/socket_transport.hpp>

namespace aio::detail {
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

}  // namespace aio::detail
