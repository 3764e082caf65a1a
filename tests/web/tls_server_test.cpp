// SPDX-License-Identifier: MIT
// https: a site with a certificate.
#include "ssl/ssl_support.hpp"
#include "support/temporary_folder.hpp"
#include "web/web_test.hpp"

#include <aio/client/client_session.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct TlsServerTest : ::testing::Test, testing::LoopTest {
    TlsServerTest() : LoopTest(true) {}
};

Coro<Response> seen(Request& request) {
    std::string body = co_await request.read();
    const bool tls = request.get_extra_info("ssl_object").has_value();
    co_return Response().text(request.url().str() + " " + std::to_string(request.secure()) +
                              std::to_string(tls) + " " + std::to_string(body.size()));
}

TEST_F(TlsServerTest, ServesRequestsAndFiles) {
    const TemporaryFolder folder;
    const std::string path = folder.file("large");
    const std::string large(3'000'000, 'x');
    std::ofstream(path) << large;
    run([&]() -> Coro<> {
        web::Application app(web::AppOptions().client_max_size(5'000'000));
        app.add_route("*", "/", seen);
        app.add_get(
            "/file",
            [](std::string file, Request&) -> Coro<Response> {
                co_return web::FileResponse(std::move(file));
            },
            path);
        const web::AppRunner runner(app);
        co_await runner.setup();
        web::TCPSite site(runner, "127.0.0.1", 0, web::SiteOptions().ssl_context(server_context()));
        co_await site.start();
        const std::string url = site.name() + "/";
        EXPECT_EQ(url.substr(0, 18), "https://127.0.0.1:");

        http::ClientSession session(http::SessionOptions().base_url(url).ssl(client_context()));
        auto response = co_await session.post("/").data(large);
        std::string text = co_await response.text();
        EXPECT_EQ(text, url + " 11 3000000");
        auto file = co_await session.get("/file");
        text = co_await file.text();
        EXPECT_EQ(text, large);
        auto piece = co_await session.get("/file").header("Range", "bytes=5-9");
        text = co_await piece.text();
        EXPECT_EQ(text, "xxxxx");
        EXPECT_EQ(runner.server().connections(), 1u);  // one for all
        co_await session.close();
        co_await runner.cleanup();
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(TlsServerTest, F79AnEarlyAnswerIsRead) {
    run([]() -> Coro<> {
        web::Application app;
        app.add_route("*", "/", seen);
        const web::AppRunner runner(app, web::ServerOptions().lingering_time(1h));
        co_await runner.setup();
        web::TCPSite site(runner, "127.0.0.1", 0, web::SiteOptions().ssl_context(server_context()));
        co_await site.start();
        http::ClientSession session(http::SessionOptions().base_url(site.name() + "/").ssl(client_context()));
        auto response = co_await session.post("/").data(std::string(30'000'000, 'x'));
        EXPECT_EQ(response.status(), 413);
        const std::string text = co_await response.text();
        EXPECT_EQ(text.substr(0, 33), "Maximum request body size 1048576");
        co_await session.close();
        co_await runner.cleanup();
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

}  // namespace
}  // namespace aio::tests
