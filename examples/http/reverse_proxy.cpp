// SPDX-License-Identifier: MIT
// A reverse proxy: hands every request on to another server, and its answer back, bodies a piece at a time.
//
//     reverse_proxy http://127.0.0.1:9000 8080
//
//     async def forward(request):
//         async with session.request(request.method, upstream + request.raw_path, headers=...,
//         data=request.content,
//                                    allow_redirects=False) as answer:
//             response = web.StreamResponse(status=answer.status, headers=...)
//             await response.prepare(request)
//             async for chunk in answer.content.iter_any():
//                 await response.write(chunk)
//             return response
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace std::chrono_literals;
namespace http = aio::http;
namespace web = aio::web;

// Where requests go; both for the whole of the server's life.
struct Upstream {
    http::URL url;
    http::ClientSession session;
};

// Nothing is added to what passes, nothing is understood, and nothing is kept: with a usual jar the cookies
// of one client would go out with the requests of another.
http::SessionOptions session_options() {
    return http::SessionOptions()
        .cookie_jar(std::make_shared<http::DummyCookieJar>())
        .auto_decompress(false)
        .skip_auto_header("Accept")
        .skip_auto_header("Accept-Encoding")
        .skip_auto_header("User-Agent")
        .skip_auto_header("Content-Type")
        .timeout(http::ClientTimeout().sock_connect(5s).sock_read(30s));
}

// --- heads -----------------------------------------------------------------------------------------------

// Without what is between two neighbours only (RFC 9110, 7.6.1): these, and what Connection names.
http::Headers end_to_end(const http::Headers& fields) {
    http::Headers kept;
    for (const auto [name, value] : fields)
        if (!fields.contains_token("Connection", name)) kept.add(name, value);
    for (const std::string_view name :
         {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE",
          "Trailer", "Transfer-Encoding", "Upgrade"})
        kept.remove(name);
    return kept;
}

// These our server writes itself.
http::Headers response_fields(const http::ClientResponse& answer) {
    http::Headers fields = end_to_end(answer.headers());
    for (const std::string_view name : {"Content-Length", "Date", "Server"}) fields.remove(name);
    return fields;
}

http::Headers request_fields(const web::Request& request) {
    http::Headers fields = end_to_end(request.headers());
    fields.remove("Host");    // becomes that of the other server
    fields.remove("Expect");  // answered here: "100 Continue" goes out when the body is first read
    fields.add("X-Forwarded-For", request.remote());
    fields.set("X-Forwarded-Host", request.host());
    fields.set("X-Forwarded-Proto", request.scheme());
    return fields;
}

// The target as it came. It begins with a slash, so no text of a client's can become another host.
http::URL target(const http::URL& upstream, const web::Request& request) {
    const std::string path(request.raw_path());
    try {
        if (path.starts_with('/')) return http::URL(upstream.origin().str() + path, http::encoded);
    } catch (const aio::ValueError&) {  // it is no URL
    }
    throw web::HTTPBadRequest();
}

// --- one request -----------------------------------------------------------------------------------------

aio::Coro<web::Response> hand_back(http::ClientResponse& answer, web::Request& request) {
    web::StreamResponse response;
    response.status(answer.status(), answer.reason());
    response.headers() = response_fields(answer);
    response.content_length(answer.content_length());
    co_await response.prepare(request);
    try {
        while (auto chunk = co_await answer.content().next_chunk()) co_await response.write(*chunk);
    } catch (const http::ClientError& error) {
        std::cerr << "reverse_proxy: " << request.repr() << ": " << error.what() << '\n';
        request.transport().abort();  // the head has gone; so the client learns that this is not all
    }
    co_return response;
}

aio::Coro<web::Response> forward(web::Request& request) {
    const Upstream& upstream = request.app().get<Upstream>();
    auto outgoing = upstream.session.request(request.method(), target(upstream.url, request))
                        .headers(request_fields(request))
                        .allow_redirects(false);
    if (request.body_exists()) outgoing.data(request.content());
    try {
        // Does not end before nobody reads the body any more: after it the request is gone.
        co_return co_await aio::async_with(std::move(outgoing), hand_back, std::ref(request));
    } catch (const aio::TimeoutError&) {
        throw web::HTTPGatewayTimeout();
    } catch (const http::ClientError& error) {
        std::cerr << "reverse_proxy: " << request.repr() << ": " << error.what() << '\n';
        throw web::HTTPBadGateway();  // why is not the client's business
    }
}

// --- the server ------------------------------------------------------------------------------------------

// One session for all requests: made before the first of them, and closed after the last one.
aio::AsyncGenerator<aio::NoneType> upstream(http::URL url, web::Application app) {
    http::ClientSession session(session_options());
    app.set(Upstream{url, session});
    co_yield aio::None();
    co_await session.close();
}

web::Application make_app(http::URL url) {
    web::Application app;
    app.add_cleanup_ctx(upstream, url);
    app.add_route("*", "/{path:.*}", forward);
    return app;
}

// A body that came compressed passes as it is.
web::ServerOptions server_options() { return web::ServerOptions().auto_decompress(false); }

// --- its test --------------------------------------------------------------------------------------------

aio::Coro<web::Response> tell(web::Request& request) {
    std::string text(request.method());
    text.append(" ").append(request.raw_path());
    text.append(", by way of ").append(request.header("X-Forwarded-Host").value_or("nobody"));
    text.append(", cookie ").append(request.header("Cookie").value_or("none"));
    const std::string body = co_await request.text();
    if (!body.empty()) text += ", body " + body;
    co_return web::Response().text(text).set_cookie("user", "Ada");
}

aio::Coro<web::Response> hang(web::Request&) {
    co_await aio::sleep(1h);
    co_return web::Response();
}

aio::Coro<web::Response> moved(web::Request&) {
    throw web::HTTPFound("/new");
    co_return web::Response();  // makes it a coroutine
}

aio::Coro<> ask(const web::TestClient& client, std::string method, std::string path, std::string body = "") {
    auto request = client.request(method, path).allow_redirects(false);
    if (!body.empty()) request.data(body);
    auto response = co_await request;
    const std::string text = co_await response.text();
    std::cout << response.status() << ' ' << text << '\n';
}

aio::Coro<> test() {
    web::Application app;
    app.add_get("/hang", hang);
    app.add_get("/old", moved);
    app.add_route("*", "/{path:.*}", tell);
    const web::TestServer server(app);
    co_await server.start_server();

    web::TestClient client(make_app(server.make_url("/")), server_options());
    co_await ask(client, "GET", "/a%2Fb?q=%20x");
    co_await ask(client, "POST", "/form", "name=value");
    co_await ask(client, "GET", "/old");
    co_await ask(client, "GET", "/hang");
    co_await server.close();
    co_await ask(client, "GET", "/");
    co_await client.close();
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(test());
    std::optional<http::SessionOptions> options;
    try {
        if (argc == 3)
            options = session_options().base_url(argv[1]);  // which wants a whole one, of http or https
    } catch (const aio::ValueError& error) {
        std::cerr << "reverse_proxy: " << error.what() << '\n';
    }
    if (!options) {
        std::cerr << "usage: reverse_proxy URL PORT\n";
        return 2;
    }
    const http::URL url = *options->base_url();
    return web::run_app(
        [url] { return make_app(url); },
        web::RunOptions().host("127.0.0.1").port(std::atoi(argv[2])).server(server_options()));
}
