// SPDX-License-Identifier: MIT
// A server that echoes the messages of WebSockets: http_websocket_bench PORT
#include <aio/base/heap.hpp>
#include <aio/web.hpp>

#include <cstdlib>

namespace web = aio::web;

namespace {

aio::Coro<web::Response> echo(web::Request& request) {
    auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().compress(false));
    while (const auto message = co_await socket.next())
        co_await socket.send_frame(message->data(), message->type());
    co_return socket;
}

web::Application make_app() {
    web::Application app;
    app.add_get("/echo", echo);
    return app;
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return web::run_app(make_app,
                        web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])).print(nullptr));
}
