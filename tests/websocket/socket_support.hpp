// SPDX-License-Identifier: MIT
#pragma once

#include "websocket/frames.hpp"

#include <aio/compose.hpp>
#include <aio/http.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {

using namespace std::chrono_literals;
using web::Request;
using web::Response;

/// Whether `./dev check load` runs the test: as long, and with as many, as the fault's recipe says.
inline bool is_load() { return std::getenv("AIO_LOAD_SECONDS") != nullptr; }

/// A server of WebSockets and its client, which have no network between them.
class WebSocketTest : public ::testing::Test, public testing::LoopTest {
protected:
    void TearDown() override { EXPECT_EQ(reports(), std::vector<std::string>()); }

    /// Runs `body(socket)`, connected to `handler`; `ask` completes the request.
    template <class Handler, class Body>
    void with(Handler handler, Body body) {
        with(std::move(handler), std::move(body), [](http::WebSocketBuilder&) {});
    }
    template <class Handler, class Body, class Ask>
    void with(Handler handler, Body body, Ask ask) {
        run([&]() -> Coro<> {
            web::Application app;
            app.add_get("/", handler);
            web::TestClient client(app);
            auto builder = client.ws_connect("/");
            ask(builder);
            co_await body(co_await std::move(builder).send());
            co_await sleep(1ms);
            co_await client.close();
        });
    }

    /// Sends back what comes, and logs how it ended.
    Coro<Response> serve_echo(Request& request) {
        auto socket = co_await web::accept_websocket(request);
        while (const auto message = co_await socket.next()) {
            if (message->type() == WSMsgType::text) co_await socket.send_str(message->data());
            if (message->type() == WSMsgType::binary) co_await socket.send_bytes(message->data());
        }
        log += "closed " + std::to_string(socket.close_code().value_or(0));
        co_return socket;
    }
    const std::function<Coro<Response>(Request&)> echo = [this](Request& request) {
        return serve_echo(request);
    };

    std::string log;
};

}  // namespace aio::tests
