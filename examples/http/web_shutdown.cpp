// SPDX-License-Identifier: MIT
// A web server that SIGTERM ends gracefully: nobody new comes in, what is being answered is answered, what
// takes longer than ten seconds is cancelled, and then what the application has opened is closed.
//
//     web_shutdown 8080                  # and in another terminal
//     curl http://127.0.0.1:8080/work/5 & sleep 1; kill %1
//
//     web.run_app(app, shutdown_timeout=10)
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

using namespace std::chrono_literals;
namespace http = aio::http;
namespace web = aio::web;

constexpr auto kDeadline = 10s;

void say(const std::string& text) { std::cout << text << std::endl; }

// Works as many seconds as it is asked to.
aio::Coro<web::Response> work(web::Request& request) {
    const std::string seconds = request.match_info("seconds");
    say("server: " + seconds + " s of work");
    try {
        co_await aio::sleep(std::chrono::seconds(std::stoi(seconds)));
    } catch (const aio::CancelledError&) {
        say("server: " + seconds + " s of work are cancelled");
        throw;
    }
    co_return web::Response().text("done\n");
}

aio::AsyncGenerator<aio::NoneType> database(web::Application) {
    say("server: the database is open");
    co_yield aio::None();
    say("server: the database is closed");
}

web::Application make_app() {
    web::Application app;
    app.add_get("/work/{seconds:\\d{1,6}}", work);
    app.add_cleanup_ctx(database);
    app.on_shutdown().append([](web::Application&) { say("server: the last requests are being answered"); });
    return app;
}

// --- without arguments: with clients in this program, and somebody who ends it
// ------------------------------

aio::Coro<> client(http::ClientSession session, std::string seconds) {
    try {
        auto response = co_await session.get("work/" + seconds);
        const std::string text = co_await response.text();
        std::cout << "client: " << seconds << " s of work: " << response.status() << ' ' << text
                  << std::flush;
    } catch (const http::ServerDisconnectedError&) {
        say("client: " + seconds + " s of work: the server has hung up");
    } catch (const http::ClientConnectorError&) {
        say("client: " + seconds + " s of work: nobody listens");
    }
}

aio::Coro<> latecomer(http::ClientSession session) {
    co_await aio::sleep(4s);
    co_await client(session, "0");
}

// By hand what run_app() does, which leaves no room for clients beside it.
aio::Coro<> demonstrate() {
    const web::AppRunner runner(make_app());
    runner.shutdown_timeout(kDeadline);
    co_await runner.setup();
    co_await web::TCPSite(runner, "127.0.0.1", 0).start();

    http::ClientSession session(http::SessionOptions().base_url(runner.sites().at(0)));
    auto clients = aio::gather(client(session, "5"), client(session, "3600"), latecomer(session));
    aio::EventLoop& loop = aio::get_running_loop();
    aio::Event end;
    loop.add_signal_handler(SIGTERM, [&end] { end.set(); });
    loop.call_later(3s, [] {
        say("SIGTERM");
        std::raise(SIGTERM);
    });
    co_await end.wait();
    loop.remove_signal_handler(SIGTERM);
    co_await runner.cleanup();

    co_await clients;
    co_await session.close();
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    return web::run_app(
        make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])).shutdown_timeout(kDeadline));
}
