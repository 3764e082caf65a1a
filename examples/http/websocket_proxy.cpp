// SPDX-License-Identifier: MIT
// A proxy of WebSockets: whatever comes from one side goes to the other, until one of them says goodbye.
//
//     websocket_proxy ws://127.0.0.1:9000/chat 8080
//
//     async def proxy(request):                            # aiohttp
//         ws = web.WebSocketResponse(protocols=...); await ws.prepare(request)
//         async with session.ws_connect(upstream) as other:
//             await asyncio.gather(pump(ws, other), pump(other, ws))
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace http = aio::http;
namespace web = aio::web;

// Where the WebSockets go; both for the whole of the server's life.
struct Upstream {
    http::URL url;
    http::ClientSession session;
};

// 1005 and 1006, no code and no goodbye, cannot be sent.
int code_for(const http::WebSocket& ended) {
    const int code = ended.close_code().value_or(http::WSCloseCode::abnormal_closure);
    return http::is_close_code(code) ? code : http::WSCloseCode::going_away;
}

// Both directions at once. A message is read only when the one before it has gone, or waits within the other
// side's limit: who reads slowly slows the other down, and costs no memory.
aio::Coro<> pump(http::WebSocket from, http::WebSocket to) {
    try {
        while (const auto message = co_await from.next()) {
            if (message->type() == http::WSMsgType::error) break;
            co_await to.send_frame(message->data(), message->type());
        }
    } catch (const aio::ConnectionError&) {
        // The other side has gone meanwhile; its own pump ends, too.
    }
    co_await to.close(code_for(from));  // sends away who receives there
}

aio::Coro<web::Response> proxy(web::Request& request) {
    const Upstream& upstream = request.app().get<Upstream>();
    // The other side first: if it does not answer, this one is told in HTTP. It knows who may come.
    auto builder = upstream.session.ws_connect(upstream.url);
    if (const auto origin = request.header("Origin")) builder.origin(std::string(*origin));
    std::optional<http::ClientWebSocketResponse> there;
    try {
        there = co_await std::move(builder).send();
    } catch (const http::ClientError& error) {
        std::cerr << "websocket_proxy: " << error.what() << '\n';
        throw web::HTTPBadGateway();
    }
    auto here = co_await web::accept_websocket(request, web::WebSocketOptions().origin("*"));
    co_await aio::gather(pump(here, *there), pump(*there, here));
    co_return here;
}

// One session for all connections: made before the first of them, and closed after the last one.
aio::AsyncGenerator<aio::NoneType> connect_upstream(http::URL url, web::Application app) {
    http::ClientSession session(http::SessionOptions().connector(
        std::make_shared<http::TCPConnector>(http::ConnectorOptions().limit(0))));
    app.set(Upstream{url, session});
    co_yield aio::None();
    co_await session.close();
}

web::Application make_app(http::URL url) {
    web::Application app;
    app.add_cleanup_ctx(connect_upstream, url);
    app.add_get("/{path:.*}", proxy);
    return app;
}

// --- without arguments: both sides in this program --------------------------------------------------------

aio::Coro<web::Response> shout(web::Request& request) {
    auto socket = co_await web::accept_websocket(request);
    while (const auto message = co_await socket.next()) {
        if (message->data() == "bye") co_await socket.close(4000, "as you like");
        if (!socket.closed()) co_await socket.send_str(message->data() + "!");
    }
    std::cout << "upstream: closed with " << socket.close_code().value_or(0) << '\n';
    co_return socket;
}

aio::Coro<> talk(const web::TestClient& client, std::string last) {
    auto socket = co_await client.ws_connect("/");
    for (const std::string text : {"hello", "is anybody there"}) {
        co_await socket.send_str(text);
        const std::string answer = co_await socket.receive_str();
        std::cout << answer << '\n';
    }
    if (last.empty()) {
        co_await socket.close(4001);
    } else {
        co_await socket.send_str(last);
        const auto message = co_await socket.receive();
        std::cout << "client: closed with " << message.code() << '\n';
    }
}

aio::Coro<> demonstrate() {
    web::Application app;
    app.add_get("/", shout);
    const web::TestServer server(app);
    co_await server.start_server();
    web::TestClient client(make_app(server.make_url("/")));
    co_await talk(client, "");
    co_await talk(client, "bye");
    co_await server.close();
    try {
        co_await client.ws_connect("/");
    } catch (const http::WSServerHandshakeError& error) {
        std::cout << "no upstream: " << error.status() << '\n';
    }
    co_await client.close();
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    if (argc != 3) {
        std::cerr << "usage: websocket_proxy URL PORT\n";
        return 2;
    }
    try {
        const http::URL url(argv[1]);
        return web::run_app([url] { return make_app(url); },
                            web::RunOptions().host("127.0.0.1").port(std::atoi(argv[2])));
    } catch (const aio::ValueError& error) {
        std::cerr << "websocket_proxy: " << error.what() << '\n';
        return 2;
    }
}
