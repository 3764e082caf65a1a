// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/endpoints.hpp>

#include <atomic>
#include <csignal>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace aio::tests {
namespace {

using web::Application;
using web::Request;
using web::Response;
using web::RunOptions;

/// Where "Running on http://127.0.0.1:PORT" says.
int port_of(std::string_view text) {
    const std::size_t colon = text.find("127.0.0.1:");
    return colon == text.npos ? 0 : std::stoi(std::string(text.substr(colon + 10)));
}

/// Asks from a thread and a loop of its own, which knows nothing of the server's.
std::string fetch(int port, const std::string& path = "/") {
    return aio::run(
        [](int at, std::string target) -> Coro<std::string> {
            auto connection = co_await open_connection("127.0.0.1", at);
            auto& [reader, writer] = connection;
            writer.write("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            std::string all = co_await reader.read();
            writer.close();
            co_return all.substr(all.find("\r\n\r\n") + 4);
        },
        port, path);
}

/// Runs `client` in a thread once the application runs, then stops that by a signal.
int run_until(const std::function<int(RunOptions)>& serve, RunOptions options,
              std::function<void(int port)> client) {
    std::thread thread;
    options.host("127.0.0.1").port(0).print([&](std::string_view text) {
        const int port = port_of(text);
        thread = std::thread([client, port] {
            client(port);
            ::kill(::getpid(), SIGTERM);
        });
    });
    const int result = serve(std::move(options));
    thread.join();
    return result;
}

Application make_app() {
    Application app;
    app.set(std::this_thread::get_id());
    app.add_get("/", [](Request& request) -> Coro<Response> {
        const bool own = request.app().get<std::thread::id>() == std::this_thread::get_id();
        co_return Response().text(own ? "own" : "foreign");
    });
    app.add_get("/thread", [](Request&) -> Coro<Response> {
        co_return Response().text(std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())));
    });
    return app;
}

TEST(RunAppThreads, ServesUntilASignal) {
    std::string said;
    const auto serve = [](RunOptions options) { return web::run_app(make_app(), std::move(options)); };
    EXPECT_EQ(run_until(serve, RunOptions(), [&](int port) { said = fetch(port); }), 0);
    EXPECT_EQ(said, "own");
}

TEST(RunAppThreads, FactoriesMayBeCoroutines) {
    std::string said;
    const auto make = []() -> Coro<Application> { co_return make_app(); };
    const auto serve = [&](RunOptions options) { return web::run_app(make, std::move(options)); };
    EXPECT_EQ(run_until(serve, RunOptions(), [&](int port) { said = fetch(port); }), 0);
    EXPECT_EQ(said, "own");
}

TEST(RunAppThreads, EachWorkerHasItsOwnApplication) {
    std::set<std::string> threads;
    std::set<std::string> said;
    std::atomic<int> made = 0;
    const auto make = [&] {
        ++made;
        return make_app();
    };
    const auto serve = [&](RunOptions options) { return web::run_app(make, std::move(options)); };
    const auto client = [&](int port) {
        // The system spreads connections; 100 that all go to one of two are as good as impossible.
        for (int i = 0; i < 100; ++i) {
            threads.insert(fetch(port, "/thread"));
            said.insert(fetch(port));
        }
    };
    EXPECT_EQ(run_until(serve, RunOptions().workers(2), client), 0);
    EXPECT_EQ(made, 2);
    EXPECT_EQ(threads.size(), 2u);
    EXPECT_EQ(said, std::set<std::string>{"own"});
}

TEST(RunAppThreads, ErrorsOfTheStartComeOut) {
    Application app;
    app.on_startup().append([](Application&) { throw std::runtime_error("no database"); });
    EXPECT_THROW(web::run_app(app, RunOptions().host("127.0.0.1").port(0).print(nullptr)),
                 std::runtime_error);
    std::atomic<int> made = 0;
    const auto second_fails = [&]() -> Coro<Application> {
        if (++made == 2) throw std::runtime_error("no more");
        co_return make_app();
    };
    EXPECT_THROW(web::run_app(second_fails, RunOptions().host("127.0.0.1").port(0).workers(2).print(nullptr)),
                 std::runtime_error);
    EXPECT_THROW(RunOptions().workers(0), ValueError);
    EXPECT_THROW(web::run_app(make_app(), RunOptions().workers(2)), ValueError);
}

}  // namespace
}  // namespace aio::tests
