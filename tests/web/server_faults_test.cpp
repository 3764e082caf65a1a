// SPDX-License-Identifier: MIT
// Faults that others met in servers of HTTP (docs/faults.md), over connections in memory.
#include "web/web_test.hpp"

#include <aio/http/error.hpp>

#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct ServerFaults : WebTest {};

/// What a handler that reads the body is told.
struct Told {
    std::string body;
    std::string error;
};
web::Handler reading(Told& told) {
    return web::Handler([&told](Request& request) -> Coro<Response> {
        bool whole = false;
        try {
            told.body = co_await request.read();
            whole = true;
        } catch (const http::BadHttpMessage& e) {
            told.error = e.what();
        }
        co_return Response(whole ? 200 : 400).text(told.body);
    });
}

TEST_F(ServerFaults, F64_a_body_that_ends_early_is_an_error_of_the_handler) {
    const std::string length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string& wire :
         {length + "0123456789", chunked + "3\r\nabc\r\n7;x=y\r\ndefghij\r\n0\r\nA: b\r\n\r\n"}) {
        for (std::size_t size = wire.find("\r\n\r\n") + 4; size <= wire.size(); ++size) {
            Told told;
            const std::string all = answer(reading(told), wire.substr(0, size));
            if (size == wire.size()) {
                EXPECT_EQ(told.error, "");
                EXPECT_EQ(told.body.size(), 10U);
                EXPECT_EQ(all.substr(9, 3), "200");
            } else {
                EXPECT_NE(told.error, "") << size;
                EXPECT_EQ(all.substr(9, 3), "400") << size;
            }
        }
    }
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerFaults, F72_a_handshake_with_a_body_that_is_refused) {
    const std::string body = "GET /hidden HTTP/1.1\r\n\r\n";
    const std::string handshake =
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    std::string seen;
    const auto refuses = [&](Request& request) -> Coro<Response> {
        seen += std::string(request.raw_path()) + " ";
        throw web::HTTPBadRequest();
        co_return Response();
    };
    const std::string all = answer(refuses, handshake + kGet);
    EXPECT_EQ(seen, "/ws / ");
    EXPECT_EQ(all.find("HTTP/1.1 400"), 0U) << all;
}

TEST_F(ServerFaults, F74_fifty_connections_in_all_states) {
    run([]() -> Coro<> {
        const auto slow = [](Request& request) -> Coro<Response> {
            if (request.raw_path() == "/slow") co_await sleep(1s);
            co_return Response().text("hello");
        };
        const std::string get_slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
        const web::Server server{web::Handler(slow)};
        using Clients = std::vector<std::unique_ptr<RawClient>>;
        const auto ten = [&] {
            Clients clients;
            for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<RawClient>(server));
            return clients;
        };
        const Clients silent = ten();
        const Clients idle = ten();
        const Clients half = ten();
        const Clients working = ten();
        const Clients late = ten();
        for (const auto& client : idle) {
            client->send(kGet);
            const std::string answered = co_await client->head();
            const std::string body = co_await client->exactly(5);
        }
        for (const auto& client : half) client->send("GET / HT");
        for (const auto& client : working) client->send(get_slow);
        co_await sleep(100ms);
        EXPECT_EQ(server.connections(), 50U);
        const TimePoint began = get_running_loop().time();
        for (const auto& client : late) client->send(kGet);
        auto shutdown = create_task(server.shutdown(5s));
        for (const auto& client : silent) {
            const std::string all = co_await client->rest();
            EXPECT_EQ(all, "");
        }
        for (const auto& client : idle) {
            const std::string all = co_await client->rest();
            EXPECT_EQ(all, "");
        }
        for (const auto& client : late) {
            const std::string all = without_common(co_await client->rest());
            EXPECT_TRUE(all.empty() || all.ends_with("\r\nConnection: close\r\n\r\nhello")) << all;
        }
        EXPECT_EQ(get_running_loop().time(), began);  // at once
        for (const auto& client : working) {
            const std::string all = without_common(co_await client->rest());
            EXPECT_TRUE(all.ends_with("\r\nConnection: close\r\n\r\nhello")) << all;
        }
        EXPECT_LT(get_running_loop().time() - began, 1500ms);
        EXPECT_EQ(server.connections(), 10U);
        co_await shutdown;
        EXPECT_EQ(get_running_loop().time() - began, 5s);  // those that had begun had until then
        EXPECT_EQ(server.connections(), 0U);
        for (const auto& client : half) {
            const std::string all = co_await client->rest();
            EXPECT_EQ(all, "");
        }
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerFaults, F76_a_client_that_reads_nothing_is_not_served_on) {
    run([]() -> Coro<> {
        int answered = 0;
        const auto counts = [&](Request&) -> Coro<Response> {
            ++answered;
            co_return Response().text(std::string(1000, 'x'));
        };
        const web::Server server{web::Handler(counts)};
        const RawClient client(server);
        std::string many;
        for (int i = 0; i < 1000; ++i) many += kGet;
        for (int i = 0; i < 1000; ++i) client.send(many);  // a million
        co_await sleep(1s);
        const int before = answered;
        EXPECT_GT(before, 0);
        EXPECT_LT(before, 5000);
        co_await sleep(1s);
        EXPECT_EQ(answered, before);
        client.writer.transport().abort();
        co_await sleep(1s);
        EXPECT_EQ(answered, before);
        EXPECT_EQ(server.connections(), 0U);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerFaults, F79_a_handler_that_ends_after_its_client_has_gone) {
    std::string said;
    run([&]() -> Coro<> {
        const auto late = [&](Request& request) -> Coro<Response> {
            co_await sleep(1s);
            if (request.raw_path() == "/whole") {
                said += "whole; ";
                co_return Response().text("late");
            }
            web::StreamResponse response;
            co_await response.prepare(request);
            try {
                for (int i = 0; i < 100; ++i) co_await response.write("late");
                said += "written; ";
            } catch (const ConnectionError&) {
                said += "gone; ";
            }
            co_return response;
        };
        const web::Server server{web::Handler(late)};
        for (const std::string& request : {std::string("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n"), kGet}) {
            const RawClient client(server);
            client.send(request);
            co_await sleep(10ms);
            client.writer.transport().abort();
            co_await sleep(2s);
            EXPECT_EQ(server.connections(), 0U);
        }
    });
    EXPECT_EQ(said, "whole; gone; ");
    EXPECT_EQ(reports(), std::vector<std::string>());
}

/// What a handler has given away, and a timer uses when all is over.
TEST_F(ServerFaults, F79_a_response_that_is_written_to_when_all_is_over) {
    std::string said;
    run([&]() -> Coro<> {
        std::vector<Task<>> timers;
        const auto write_later = [&](web::StreamResponse response, Duration after) -> Coro<> {
            co_await sleep(after);
            try {
                co_await response.write("late");
                said += "written; ";
            } catch (const RuntimeError& e) {
                said += std::string(e.what()) + "; ";
            }
        };
        const auto handler = [&](Request& request) -> Coro<Response> {
            web::StreamResponse response;
            co_await response.prepare(request);
            timers.push_back(create_task(write_later(response, 1s)));
            timers.push_back(create_task(write_later(response, 3s)));
            co_await sleep(2s);
            co_return response;
        };
        const web::Server server{web::Handler(handler)};
        const RawClient client(server);
        client.send(kGet);
        client.writer.write_eof();
        const std::string all = co_await client.rest();
        EXPECT_TRUE(all.ends_with("\r\n\r\n4\r\nlate\r\n0\r\n\r\n")) << all;
        for (Task<>& timer : timers) co_await timer;
    });
    EXPECT_EQ(said, "written; Cannot call write() after write_eof(); ");
}

}  // namespace
}  // namespace aio::tests
