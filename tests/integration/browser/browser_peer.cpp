// SPDX-License-Identifier: MIT
// The site of browser_test.py: browser_peer FOLDER [CERTIFICATE KEY] 0. Prints what the page's checks have
// found.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/ssl.hpp>
#include <aio/web.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

using namespace std::chrono_literals;
namespace http = aio::http;
namespace web = aio::web;

namespace {

using Finished = std::shared_ptr<aio::Event>;

aio::Coro<web::Response> index(std::string folder, web::Request&) {
    web::FileResponse page(folder + "/index.html");
    page.set_cookie("visitor", "Chromium");
    co_return page;
}

aio::Coro<web::Response> large(web::Request&) {
    co_return web::Response().text(std::string(100'000, 'a')).enable_compression();
}

aio::Coro<web::Response> upload(web::Request& request) {
    const http::PostData form = co_await request.post();
    const http::FileField& file = *form.file("file");
    const std::string content = co_await file.file().read();
    co_return web::Response().text(std::string(form["name"]) + ", " + file.filename() + ", " +
                                   file.content_type() + ", " + std::to_string(content.size()));
}

aio::Coro<web::Response> talk(web::Request& request) {
    auto socket =
        co_await web::accept_websocket(request, web::WebSocketOptions().protocol("chat").heartbeat(1s));
    while (const auto message = co_await socket.next()) {
        if (message->data() == "close") {
            co_await socket.close(4000, "as you wish");
        } else {
            co_await socket.send_frame(message->data(), message->type());
        }
    }
    co_return socket;
}

// Two events a connection; who comes back goes on where he was.
aio::Coro<web::Response> events(web::Request& request) {
    web::EventSourceResponse events;
    co_await events.prepare(request);
    int next = std::atoi(web::EventSourceResponse::last_event_id(request).c_str()) + 1;
    for (int left = 2; left > 0 && next <= 5; --left, ++next) {
        const auto options = web::EventOptions().id(std::to_string(next)).retry(10ms);
        co_await events.send("event" + std::to_string(next), options);
    }
    if (next > 5) co_await events.send("over", web::EventOptions().event("end"));
    co_return events;
}

aio::Coro<web::Response> results(web::Request& request) {
    const std::string text = co_await request.text();
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
    request.app().get<Finished>()->set();
    co_return web::Response(204);
}

aio::Coro<web::Response> finished(web::Request& request) {
    const Finished event = request.app().get<Finished>();
    co_await event->wait();
    co_return web::Response(204);
}

web::Application make_app(std::string folder) {
    web::Application app;
    app.set(std::make_shared<aio::Event>());
    app.add_get("/", std::bind_front(index, folder));
    app.add_static("/static/", folder);
    app.add_get("/large", large);
    app.add_post("/upload", upload);
    app.add_get("/socket", talk);
    app.add_get("/events", events);
    app.add_post("/results", results);
    app.add_get("/finished", finished);
    app.on_shutdown().append([](web::Application& ending) { ending.get<Finished>()->set(); });
    return app;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argv[1];
    auto options = web::RunOptions().host("127.0.0.1").port(std::atoi(argv[argc - 1]));
    if (argc == 5) {
        const auto context = aio::ssl::create_default_context(aio::ssl::Purpose::CLIENT_AUTH);
        context->load_cert_chain(argv[2], argv[3]);
        options.ssl_context(context);
    }
    return web::run_app([folder] { return make_app(folder); }, options);
}
