// SPDX-License-Identifier: MIT
// The demonstration: a web server and a hundred clients in one process, on one thread, on one event loop. The
// server takes half a second for each answer, and so do all hundred together: nobody waits for anybody else.
// With a port as argument it serves there until Ctrl-C.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace web = aio::web;

namespace {

constexpr int kFetches = 100;
constexpr int kShown = 4;
constexpr auto kServerDelay = 500ms;

std::set<std::thread::id> threads;  // that have answered

aio::Coro<web::Response> index(web::Request&) {
    threads.insert(std::this_thread::get_id());
    co_await aio::sleep(kServerDelay);
    co_return web::Response().text("<h1>Hello from aio</h1>").content_type("text/html");
}

aio::Coro<web::Response> hello(web::Request& request) {
    threads.insert(std::this_thread::get_id());
    co_await aio::sleep(kServerDelay);
    co_return web::Response().text("hello, " + request.match_info("name") + "!");
}

web::Application make_app() {
    web::Application app;
    app.add_get("/", index);
    app.add_get("/hello/{name}", hello);
    return app;
}

// Gives the status.
aio::Coro<int> fetch(aio::http::ClientSession& session, std::string path, bool show) {
    auto response = co_await session.get(path);
    const std::string text = co_await response.text();
    if (show)
        std::printf("  GET %-16s %d %s: %s\n", path.c_str(), response.status(), response.reason().c_str(),
                    text.c_str());
    co_return response.status();
}

aio::Coro<int> amain() {
    const web::AppRunner runner(make_app());
    co_await runner.setup();
    co_await web::TCPSite(runner, "127.0.0.1", 0).start();
    const std::string url = runner.sites().at(0);
    std::printf("A web server on %s takes 0.5 s for each answer.\n", url.c_str());
    std::printf("A client in the same program sends it %d requests at once; here are %d of them:\n\n",
                kFetches, kShown);
    std::fflush(stdout);

    aio::http::ClientSession session(aio::http::SessionOptions().base_url(url));
    aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();
    std::vector<aio::Coro<int>> fetches;
    fetches.push_back(fetch(session, "/", true));
    for (int i = 1; i < kFetches; ++i)
        fetches.push_back(fetch(session, "/hello/client-" + std::to_string(i), i < kShown));
    const std::vector<int> statuses = co_await aio::gather(std::move(fetches));
    const auto answered = std::count(statuses.begin(), statuses.end(), 200);
    const std::chrono::duration<double> elapsed = loop.time() - start;

    co_await session.close();
    co_await runner.cleanup();
    std::printf("\n%td answers with status 200 in %.2f s, from %zu thread; one after the other: %.0f s.\n",
                answered, elapsed.count(), threads.size(),
                std::chrono::duration<double>(kServerDelay * kFetches).count());
    std::puts(
        "\nNext:\n"
        "  ./dev demo 8080         serves it until Ctrl-C: open http://127.0.0.1:8080/hello/you in a "
        "browser\n"
        "  examples/http/demo.cpp  is the program, a page long\n"
        "  docs/03_http.md         goes from aiohttp to aio, and writes a JSON service with its test");
    co_return answered == kFetches ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
    return aio::run(amain());
}
