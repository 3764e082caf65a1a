// SPDX-License-Identifier: MIT
// A web server that thinks for half a second about each answer, and a thousand clients that ask it at once:
// all are answered after half a second, by one thread. With a port as argument it serves there until Ctrl-C.
//
//     async def hello(request):
//         await asyncio.sleep(0.5)
//         return web.Response(text=f"hello, {request.match_info['name']}!")
//
//     app = web.Application()
//     app.add_routes([web.get("/", index), web.get("/hello/{name}", hello)])
//     web.run_app(app)
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace web = aio::web;

namespace {

constexpr int kClients = 1000;

aio::Coro<web::Response> index(web::Request&) {
    co_await aio::sleep(500ms);
    co_return web::Response().text("<h1>Index</h1>").content_type("text/html");
}

aio::Coro<web::Response> hello(web::Request& request) {
    co_await aio::sleep(500ms);
    co_return web::Response().text("hello, " + request.match_info("name") + "!");
}

web::Application make_app() {
    web::Application app;
    app.add_get("/", index);
    app.add_get("/hello/{name}", hello);
    return app;
}

aio::Coro<std::string> ask(web::TestClient& client, std::string path) {
    auto response = co_await client.get(path);
    std::string text = co_await response.text();
    co_return text;
}

aio::Coro<> many_clients() {
    web::TestClient client(make_app());
    const auto begin = aio::get_running_loop().time();
    std::vector<aio::Coro<std::string>> asking;
    asking.push_back(ask(client, "/"));
    for (int i = 1; i < kClients; ++i) asking.push_back(ask(client, "/hello/" + std::to_string(i)));
    const std::vector<std::string> answers = co_await aio::gather(std::move(asking));
    const std::chrono::duration<double> took = aio::get_running_loop().time() - begin;
    std::cout << answers.front() << '\n' << answers.at(1) << "\n...\n" << answers.back() << '\n';
    std::cout << answers.size() << " clients answered in " << took.count() << " s\n";
    co_await client.close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
    return aio::run(many_clients());
}
