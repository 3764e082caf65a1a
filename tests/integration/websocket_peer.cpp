// SPDX-License-Identifier: MIT
// Both ends of WebSockets for websocket_test.py, whose other ends are other people's:
//     websocket_peer --port PORT          echoes, on /echo and /plain (which does not compress)
//     websocket_peer URL [COMPRESS]       sends messages of all sizes, and says whether they came back
#include "announce.hpp"

#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace http = aio::http;
namespace web = aio::web;

namespace {

aio::Coro<web::Response> serve(web::WebSocketOptions options, web::Request& request) {
    auto socket = co_await web::accept_websocket(request, options.protocol("echo"));
    while (const auto message = co_await socket.next()) {
        if (message->type() == http::WSMsgType::error) break;
        if (message->data() == "close, please") {
            co_await socket.close(4000, "as you wish");
            break;
        }
        co_await socket.send_frame(message->data(), message->type());
    }
    co_return socket;
}
aio::Coro<web::Response> echo(web::Request& request) { return serve(web::WebSocketOptions(), request); }
aio::Coro<web::Response> plain(web::Request& request) {
    return serve(web::WebSocketOptions().compress(false), request);
}

web::Application make_app() {
    web::Application app;
    app.add_get("/echo", echo);
    app.add_get("/plain", plain);
    return app;
}

aio::Coro<> ask(std::string url, bool compress) {
    http::ClientSession session;
    auto builder = session.ws_connect(url);
    builder.protocol("other").protocol("echo").heartbeat(std::chrono::seconds(5));
    if (compress) builder.compress();
    auto socket = co_await std::move(builder).send();
    int right = 0;
    for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 1'000'000U}) {
        std::string text;
        while (text.size() < size) text += "line " + std::to_string(text.size()) + "\n";
        text.resize(size);
        co_await socket.send_str(text);
        const std::string back = co_await socket.receive_str(std::chrono::seconds(30));
        right += back == text;
        co_await socket.send_bytes(text);
        const std::string bytes = co_await socket.receive_bytes(std::chrono::seconds(30));
        right += bytes == text;
    }
    co_await socket.ping("there?");
    co_await socket.send_str("close, please");
    const http::WSMessage end = co_await socket.receive(std::chrono::seconds(30));
    std::printf("%d right, protocol %s, %s, closed with %d %s\n", right, socket.protocol().c_str(),
                socket.compresses() ? "compressed" : "plain", end.code(), end.data().c_str());
    co_await session.close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::string_view(argv[1]) == "--port") {
        return web::run_app(make_app,
                            web::RunOptions().host("127.0.0.1").port(std::atoi(argv[2])).print(announce));
    }
    return aio::run(ask(argv[1], argc > 2));
}
