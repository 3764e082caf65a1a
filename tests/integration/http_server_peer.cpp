// SPDX-License-Identifier: MIT
// A server for http_server_test.py, whose clients are other people's: http_server_peer --port PORT
#include "announce.hpp"

#include <aio/aio.hpp>
#include <aio/web.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace web = aio::web;

namespace {

aio::Coro<web::Response> hello(web::Request& request) {
    co_return web::Response().text("hello, " + std::string(request.query().get("name", "you")) + "!");
}

// How large the body was, and how it came.
aio::Coro<web::Response> count(web::Request& request) {
    std::size_t size = 0;
    while (auto chunk = co_await request.content().next_chunk()) size += chunk->size();
    co_return web::Response().text(std::string(request.method()) + " " + std::to_string(size) + " " +
                                   std::string(request.header("Transfer-Encoding").value_or("-")));
}

aio::Coro<web::Response> form(web::Request& request) {
    const aio::http::PostData data = co_await request.post();
    std::string said;
    for (const auto& [name, value] : data) {
        const auto* const file = std::get_if<aio::http::FileField>(&value);
        said += name + "=" + (file ? file->filename() : std::get<std::string>(value)) + ";";
    }
    co_return web::Response().text(said);
}

aio::Coro<web::Response> lines(web::Request& request) {
    web::StreamResponse response;
    response.content_type("text/plain");
    co_await response.prepare(request);
    for (int i = 0; i < 1000; ++i) co_await response.write("line " + std::to_string(i) + "\n");
    co_return response;
}

aio::Coro<web::Response> compressed(web::Request&) {
    co_return web::Response().text(std::string(100'000, 'x')).enable_compression();
}

aio::Coro<web::Response> cookie(web::Request& request) {
    const std::string before(request.cookie("visits").value_or("0"));
    co_return web::Response().text(before).set_cookie("visits", std::to_string(std::stoi(before) + 1));
}

aio::Coro<web::Response> moved(web::Request&) {
    throw web::HTTPFound("/hello?name=moved");
    co_return web::Response();
}

aio::Coro<web::Response> refuse(web::Request& request) {
    std::string body = co_await request.read();  // more than a mebibyte is 413
    co_return web::Response().text(body);
}

aio::Coro<web::Response> self(web::Request&) { co_return web::FileResponse("/proc/self/exe"); }

web::Application make_app() {
    web::Application app;
    app.add_get("/hello", hello);
    app.add_route("*", "/count", count);
    app.add_post("/form", form);
    app.add_get("/lines", lines);
    app.add_get("/compressed", compressed);
    app.add_get("/cookie", cookie);
    app.add_get("/moved", moved);
    app.add_post("/refuse", refuse);
    app.add_get("/self", self);
    return app;
}

}  // namespace

int main(int argc, char** argv) {
    const int port = argc > 2 ? std::atoi(argv[2]) : 0;
    return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(port).print(announce));
}
