// SPDX-License-Identifier: MIT
// A server of WebSockets: http_websocket_bench PORT. At /echo messages are echoed, at /room everybody gets
// them.
#include <aio/base/heap.hpp>
#include <aio/web.hpp>

#include <cstdlib>
#include <list>
#include <utility>

namespace web = aio::web;

namespace {

aio::Coro<web::Response> echo(web::Request& request) {
    auto socket = co_await web::accept_websocket(request);
    while (const auto message = co_await socket.next())
        co_await socket.send_frame(message->data(), message->type());
    co_return socket;
}

aio::Coro<web::Response> room(web::Request& request) {
    static std::list<web::WebSocketResponse> members;
    auto socket = co_await web::accept_websocket(request);
    const auto place = members.insert(members.end(), socket);
    while (const auto message = co_await socket.next())
        aio::http::broadcast(members, message->data(), message->type());
    members.erase(place);
    co_return socket;
}

web::Application make_app() {
    web::Application app;
    app.add_get("/echo", echo);
    app.add_get("/room", room);
    return app;
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return web::run_app(make_app,
                        web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])).print(nullptr));
}
