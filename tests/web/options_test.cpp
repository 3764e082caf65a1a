// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary.
#include "support/chained_setters.hpp"

#include <aio/web.hpp>

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST(WebOptions, SettersKeepWhatTheyAreCalledOn) {
    expect_chained<web::ServerOptions>(SETTER(keepalive_timeout(1s)));
    expect_chained<web::ServerOptions>(SETTER(head_timeout(1s)));
    expect_chained<web::ServerOptions>(SETTER(body_timeout(1s)));
    expect_chained<web::ServerOptions>(SETTER(lingering_time(std::nullopt)));
    expect_chained<web::ServerOptions>(SETTER(send_timeout(1s)));
    expect_chained<web::ServerOptions>(SETTER(handler_cancellation(true)));
    expect_chained<web::ServerOptions>(SETTER(tcp_keepalive(false)));
    expect_chained<web::ServerOptions>(SETTER(client_max_size(1)));
    expect_chained<web::ServerOptions>(SETTER(read_bufsize(100'000)));
    expect_chained<web::ServerOptions>(SETTER(auto_decompress(false)));
    expect_chained<web::ServerOptions>(SETTER(parser(http::ParserOptions())));
    expect_chained<web::ServerOptions>(SETTER(access_log(nullptr)));
    expect_chained<web::ServerOptions>(SETTER(access_log_format("%s")));
    expect_chained<web::ServerOptions>(SETTER(debug(true)));
    expect_chained<web::CloneOptions>(SETTER(method("PUT")));
    expect_chained<web::CloneOptions>(SETTER(rel_url("/")));
    expect_chained<web::CloneOptions>(SETTER(headers(http::Headers())));
    expect_chained<web::CloneOptions>(SETTER(scheme("https")));
    expect_chained<web::CloneOptions>(SETTER(host("a")));
    expect_chained<web::CloneOptions>(SETTER(remote("::1")));
    expect_chained<web::CloneOptions>(SETTER(client_max_size(1)));
    expect_chained<web::AppOptions>(SETTER(client_max_size(1)));
    expect_chained<web::AppOptions>(SETTER(middleware(
        [](web::Request& request, web::Handler next) -> Coro<web::Response> { return next(request); })));
    expect_chained<web::SiteOptions>(SETTER(backlog(1)));
    expect_chained<web::SiteOptions>(SETTER(reuse_address(false)));
    expect_chained<web::SiteOptions>(SETTER(reuse_port(true)));
    expect_chained<web::SiteOptions>(SETTER(ssl_context(nullptr)));
    expect_chained<web::SiteOptions>(SETTER(mode(0600)));
    expect_chained<web::RunOptions>(SETTER(host("localhost")));
    expect_chained<web::RunOptions>(SETTER(port(0)));
    expect_chained<web::RunOptions>(SETTER(path("/tmp/x")));
    expect_chained<web::RunOptions>(SETTER(workers(2)));
    expect_chained<web::RunOptions>(SETTER(shutdown_timeout(1s)));
    expect_chained<web::RunOptions>(SETTER(site(web::SiteOptions())));
    expect_chained<web::RunOptions>(SETTER(ssl_context(nullptr)));
    expect_chained<web::RunOptions>(SETTER(server(web::ServerOptions())));
    expect_chained<web::RunOptions>(SETTER(print(nullptr)));
    expect_chained<web::RunOptions>(SETTER(handle_signals(false)));
    expect_chained<web::EventOptions>(SETTER(event("a")));
    expect_chained<web::EventOptions>(SETTER(id("1")));
    expect_chained<web::EventOptions>(SETTER(retry(1s)));
}

}  // namespace
}  // namespace aio::tests
