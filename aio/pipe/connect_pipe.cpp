// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>
#include <aio/pipe/connect_pipe.hpp>
#include <aio/pipe/pipe_transport_impl.hpp>
#include <aio/pipe/shared_descriptor_impl.hpp>
#include <aio/task/future.hpp>

#include <utility>

namespace aio::detail {
namespace {

Coro<Ref<Transport>> attach(Socket pipe, std::shared_ptr<BaseProtocol> protocol, PipeEnd end,
                            NonBlocking held) {
    EventLoop& loop = get_running_loop();
    Future<> made = loop.create_future<>();
    UniqueFunction<void()> on_made = [made] {
        if (!made.done()) made.set_result();
    };
    Ref<Transport> transport = make_pipe_transport(loop, std::move(pipe), std::move(protocol), end,
                                                   std::move(on_made), std::move(held));
    try {
        co_await made;
    } catch (...) {
        transport->close();
        throw;
    }
    co_return transport;
}

}  // namespace

Coro<Ref<Transport>> attach_pipe(Socket pipe, std::shared_ptr<BaseProtocol> protocol, PipeEnd end) {
    check_pipe(pipe, end);
    pipe.set_nonblocking();
    co_return co_await attach(std::move(pipe), std::move(protocol), end, NonBlocking());
}

Coro<Ref<Transport>> attach_shared(int fd, std::shared_ptr<BaseProtocol> protocol, PipeEnd end) {
    SharedDescriptor shared = open_shared(fd, end);
    co_return co_await attach(std::move(shared.fd), std::move(protocol), end, std::move(shared.held));
}

}  // namespace aio::detail
