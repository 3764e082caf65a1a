// SPDX-License-Identifier: MIT
// A page that is fetched a hundred times at once, from a server that takes a second for each: all statuses
// after about a second.
//
//     async def status_of(session, url):
//         async with session.get(url) as response:
//             return response.status
//
//     async with aiohttp.ClientSession() as session:
//         statuses = await asyncio.gather(*(status_of(session, url) for _ in range(100)))
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>

#include <chrono>
#include <cstddef>
#include <iostream>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace web = aio::web;

namespace {

aio::Coro<web::Response> page(web::Request&) {
    co_await aio::sleep(1s);
    co_return web::Response().text("a page");
}

aio::Coro<int> status_of(aio::http::ClientSession& session, aio::http::URL url) {
    auto response = co_await session.get(url);
    co_await response.read();
    co_return response.status();
}

aio::Coro<> amain() {
    web::Application app;
    app.add_get("/", page);
    const web::AppRunner runner(app);
    co_await runner.setup();
    co_await web::TCPSite(runner, "127.0.0.1", 0).start();
    const aio::http::URL url(runner.sites().at(0));

    aio::http::ClientSession session;
    const auto begin = aio::get_running_loop().time();
    std::vector<aio::Coro<int>> fetches;
    for (int i = 0; i < 100; ++i) fetches.push_back(status_of(session, url));
    const std::vector<int> statuses = co_await aio::gather(std::move(fetches));
    const auto took = std::chrono::round<std::chrono::seconds>(aio::get_running_loop().time() - begin);
    for (std::size_t i = 0; i < statuses.size(); ++i) std::cout << statuses[i] << (i % 20 == 19 ? '\n' : ' ');
    std::cout << statuses.size() << " statuses in about " << took.count() << " s\n";

    co_await session.close();
    co_await runner.cleanup();
}

}  // namespace

int main() { return aio::run(amain()); }
