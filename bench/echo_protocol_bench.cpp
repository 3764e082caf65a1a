// SPDX-License-Identifier: MIT
// Echo server on the Protocol API: echo_protocol_bench [defer] PORT, or @NAME, an abstract Unix socket
#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/net.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>

#include <cstdlib>
#include <memory>
#include <string>

namespace {

class Echo final : public aio::Protocol {
public:
    void connection_made(aio::Transport& transport) override { transport_ = aio::Ref(&transport); }
    void data_received(aio::BytesView data) override { transport_->write(data); }
    void pause_writing() override { transport_->pause_reading(); }
    void resume_writing() override { transport_->resume_reading(); }

private:
    aio::Ref<aio::Transport> transport_;
};

aio::Coro<> amain(std::string where) {
    auto options = aio::ServerOptions().backlog(4096);
    aio::Server server;
    if (where.starts_with('@')) {
        where[0] = '\0';
        server = co_await aio::create_unix_server(std::make_shared<Echo>, where, options);
    } else {
        const int port = std::atoi(where.c_str());
        server = co_await aio::create_server(std::make_shared<Echo>, "127.0.0.1", port, options);
    }
    co_await server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    const auto options = aio::RunOptions().loop_factory(
        [defer = argc > 2] { return aio::new_event_loop(aio::LoopOptions().defer_writes(defer)); });
    return aio::run(amain(argv[argc - 1]), options);
}
