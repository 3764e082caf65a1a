// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/transport/transport_factory.hpp>

namespace aio {

void set_transport_factory(EventLoop& loop, std::shared_ptr<TransportFactory> factory) {
    loop.check_call();
    loop.parts().transport_factory.swap(factory);  // the old one's destructor is user code and comes last
}

std::shared_ptr<TransportFactory> get_transport_factory(EventLoop& loop) {
    std::shared_ptr<TransportFactory> factory = loop.parts().transport_factory;
    return factory ? factory : detail::default_transport_factory();
}

}  // namespace aio
