// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <stdexcept>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct ServerConnectionsTest : WebTest {};

TEST_F(ServerConnectionsTest, F71AnAnswerWithoutContinueEndsTheConnection) {
    const std::string put = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 54\r\n\r\n";
    const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\nX-Padding: 12345678\r\n\r\n";
    for (const std::string& body : {std::string(), hidden}) {
        const std::string all = answer(say_hello, put + body + kGet);
        EXPECT_NE(all.find("\r\nConnection: close\r\n\r\nhello"), std::string::npos) << all;
        EXPECT_EQ(all.find("hello"), all.rfind("hello")) << all;
    }
    const std::string chunked =
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string all = answer(say_hello, chunked + "2\r\nab\r\n0\r\n\r\n" + kGet);
    EXPECT_EQ(all.find("hello"), all.rfind("hello")) << all;
}

TEST_F(ServerConnectionsTest, F72BodyOfARefusedUpgrade) {
    const std::string body = "GET /x HTTP/1.1\r\n\r\n";
    const std::string upgrade =
        "POST /u HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    EXPECT_EQ(answer(say_hello, upgrade + kGet), kHello + kHello);
    const std::string all = answer(say_request, upgrade + kGet);
    EXPECT_NE(all.find("POST /u " + body), std::string::npos) << all;
    EXPECT_EQ(all.substr(all.size() - 6), "GET / ") << all;
}

TEST_F(ServerConnectionsTest, UnreadBodiesAreDropped) {
    EXPECT_EQ(answer(say_hello, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kGet),
              kHello + kHello);
    const std::string large(300 * 1024, 'x');
    const std::string all =
        answer(say_hello, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(large.size()) +
                              "\r\n\r\n" + large + kGet);
    // Not worth to be kept: the client is told, so that it sends no other request there.
    EXPECT_EQ(all, kHello.substr(0, kHello.size() - 7) + "Connection: close\r\n\r\nhello");
    const std::string chunked =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    EXPECT_EQ(answer(say_hello, chunked + kGet),
              kHello.substr(0, kHello.size() - 7) + "Connection: close\r\n\r\nhello");
}

TEST_F(ServerConnectionsTest, F79AnEarlyAnswerIsReadThoughTheUploadGoesOn) {
    const auto refuses = [](Request& request) -> Coro<Response> {
        std::string body = co_await request.read();
        co_return Response().text(body);
    };
    run([&]() -> Coro<> {
        const web::Server server{web::Handler(refuses)};
        const RawClient client(server);
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
        const std::string head = co_await client.head();
        EXPECT_EQ(head.substr(0, 37), "HTTP/1.1 413 Request Entity Too Large") << head;
        for (int i = 0; i < 100; ++i) {
            client.send(std::string(100'000, 'x'));
            co_await client.writer.drain();
        }
        EXPECT_EQ(server.connections(), 1u);
        client.writer.write_eof();
        const std::string rest = co_await client.rest();
        EXPECT_EQ(rest.substr(0, 33), "Maximum request body size 1048576");
        co_await sleep(1ms);
        EXPECT_EQ(server.connections(), 0u);
    });
}

TEST_F(ServerConnectionsTest, LingeringHasAnEnd) {
    run([&]() -> Coro<> {
        const web::Server server{web::Handler(say_hello), web::ServerOptions().lingering_time(3s)};
        const RawClient client(server);
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
        const std::string head = co_await client.head();
        EXPECT_EQ(head.substr(0, 15), "HTTP/1.1 200 OK");
        co_await sleep(2900ms);
        EXPECT_EQ(server.connections(), 1u);
        co_await sleep(200ms);
        EXPECT_EQ(server.connections(), 0u);
    });
}

TEST_F(ServerConnectionsTest, IdleConnectionsAreClosed) {
    run([&]() -> Coro<> {
        const web::Server server{web::Handler(say_hello), web::ServerOptions().keepalive_timeout(5s)};
        const RawClient silent(server);
        const RawClient client(server);
        co_await sleep(4s);
        client.send(kGet);
        const std::string head = co_await client.head();
        EXPECT_EQ(head.substr(0, 15), "HTTP/1.1 200 OK");
        co_await sleep(2s);
        EXPECT_EQ(server.connections(), 1u);
        std::string rest = co_await silent.rest();
        EXPECT_EQ(rest, "");
        co_await sleep(2900ms);
        EXPECT_EQ(server.connections(), 1u);
        co_await sleep(200ms);
        EXPECT_EQ(server.connections(), 0u);
        rest = co_await client.rest();
        EXPECT_EQ(rest, "hello");
    });
}

TEST_F(ServerConnectionsTest, F75TheIdleTimerAgainstARequestThatArrives) {
    int answered = 0;
    int closed = 0;
    run([&]() -> Coro<> {
        const web::Server server{web::Handler(say_hello), web::ServerOptions().keepalive_timeout(1s)};
        for (int i = 0; i < 2000; ++i) {
            const RawClient client(server);
            client.send(kGet);
            std::string first = co_await client.head();
            first += co_await client.exactly(5);
            co_await sleep(1s + std::chrono::microseconds(2 * i - 2000));
            client.send(kGet.substr(0, 3));
            co_await sleep(std::chrono::microseconds(i % 3));
            client.send(kGet.substr(3));
            client.writer.write_eof();
            std::string all;
            try {
                all = co_await client.rest();
            } catch (const ConnectionError&) {  // the server had closed before
            }
            if (all.empty()) {
                ++closed;
            } else {
                ++answered;
                EXPECT_EQ(all.substr(all.size() - 5), "hello") << i;
            }
        }
    });
    EXPECT_EQ(answered + closed, 2000);
    EXPECT_GE(answered, 1000);  // what came in time
    EXPECT_GE(closed, 900);
}

TEST_F(ServerConnectionsTest, F75TheTimerDoesNotRunDuringAHandler) {
    const auto slow = [](Request&) -> Coro<Response> {
        co_await sleep(10s);
        co_return Response().text("hello");
    };
    EXPECT_EQ(answer(slow, kGet, web::ServerOptions().keepalive_timeout(1s)), kHello);
}

TEST_F(ServerConnectionsTest, SlowHeadsAndBodiesAreAnswered) {
    const auto slow = [&](std::string begin) {
        return run([&]() -> Coro<std::string> {
            const web::Server server{web::Handler(say_request),
                                     web::ServerOptions().head_timeout(5s).body_timeout(7s)};
            const RawClient client(server);
            client.send(begin);
            const TimePoint sent = get_running_loop().time();
            const std::string head = co_await client.head();
            const auto took =
                std::chrono::duration_cast<std::chrono::seconds>(get_running_loop().time() - sent);
            co_return head.substr(0, head.find('\r')) + " after " + std::to_string(took.count());
        });
    };
    EXPECT_EQ(slow("G"), "HTTP/1.1 408 Request Timeout after 5");
    EXPECT_EQ(slow("GET / HTTP/1.1\r\nHost: "), "HTTP/1.1 408 Request Timeout after 5");
    EXPECT_EQ(slow("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
              "HTTP/1.1 408 Request Timeout after 7");
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerConnectionsTest, F73AClientThatHasSentItsLastByteGetsAllOfTheAnswer) {
    const auto slow = [](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        co_await response.prepare(request);
        for (int i = 0; i < 5; ++i) {
            co_await sleep(1s);
            co_await response.write("line\n");
        }
        co_return response;
    };
    const std::string all = answer(slow, kGet);
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4),
              "5\r\nline\n\r\n5\r\nline\n\r\n5\r\nline\n\r\n5\r\nline\n\r\n5\r\nline\n\r\n0\r\n\r\n");
}

TEST_F(ServerConnectionsTest, F76PipelinedRequestsDoNotPileUp) {
    run([]() -> Coro<> {
        Event go;
        int answered = 0;
        const auto waits = [&](Request&) -> Coro<Response> {
            co_await go.wait();
            ++answered;
            co_return Response().text("hello");
        };
        const web::Server server{web::Handler(waits)};
        const RawClient client(server);
        std::string many;
        for (int i = 0; i < 1000; ++i) many += kGet;
        for (int i = 0; i < 20; ++i) client.send(many);
        co_await sleep(1s);
        const std::size_t left = client.pipe.in_flight(testing::MemoryPipe::End::first) +
                                 client.writer.transport().get_write_buffer_size();
        EXPECT_GT(left, std::size_t{200'000});  // of 540,000
        go.set();
        const std::string all = co_await client.exactly(20'000 * (kHello.size() + 50));
        EXPECT_EQ(answered, 20'000);
        EXPECT_EQ(all.substr(all.size() - 5), "hello");
    });
}

TEST_F(ServerConnectionsTest, S183_AClientThatGoesAwayDoesNotCancelTheHandler) {
    for (const bool cancels : {false, true}) {
        std::string said;
        run([&]() -> Coro<> {
            const auto handler = [&](Request&) -> Coro<Response> {
                try {
                    co_await sleep(1s);
                    said += "handler finished";
                } catch (const CancelledError&) {
                    said += "handler cancelled";
                    throw;
                }
                co_return Response();
            };
            const web::Server server{web::Handler(handler),
                                     web::ServerOptions().handler_cancellation(cancels)};
            {
                const RawClient client(server);
                client.send(kGet);
                co_await sleep(20ms);
                client.writer.transport().abort();
                said += "client gone, ";
            }
            co_await sleep(2s);
            EXPECT_EQ(server.connections(), 0u);
        });
        EXPECT_EQ(said, cancels ? "client gone, handler cancelled" : "client gone, handler finished");
    }
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerConnectionsTest, F74ShutdownOfConnectionsInAllStates) {
    run([]() -> Coro<> {
        const auto slow = [](Request&) -> Coro<Response> {
            co_await sleep(1s);
            co_return Response().text("hello");
        };
        const web::Server server{web::Handler(slow)};
        const RawClient silent(server);
        const RawClient idle(server);
        const RawClient half(server);
        const RawClient working(server);
        idle.send(kGet);
        half.send("GET / HT");
        const std::string first = co_await idle.head();
        working.send(kGet);
        co_await sleep(100ms);
        auto shutdown = create_task(server.shutdown(5s));
        co_await sleep(0s);
        const TimePoint began = get_running_loop().time();
        std::string all = co_await silent.rest();
        EXPECT_EQ(all, "");
        all = co_await idle.rest();
        EXPECT_EQ(all, "hello");
        EXPECT_EQ(get_running_loop().time(), began);  // at once
        half.send("TP/1.1\r\nHost: a\r\n\r\n");
        all = co_await working.rest();
        EXPECT_NE(all.find("hello"), std::string::npos);
        all = co_await half.rest();
        EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos) << all;
        EXPECT_NE(all.find("hello"), std::string::npos) << all;
        co_await shutdown;
        EXPECT_LT(get_running_loop().time() - began, 2s);
    });
}

TEST_F(ServerConnectionsTest, ShutdownCancelsWhatTakesTooLong) {
    std::string said;
    run([&]() -> Coro<> {
        const auto endless = [&](Request&) -> Coro<Response> {
            try {
                co_await sleep(1h);
            } catch (const CancelledError&) {
                said = "cancelled";
                throw;
            }
            co_return Response();
        };
        const web::Server server{web::Handler(endless)};
        const RawClient client(server);
        client.send(kGet);
        co_await sleep(1s);
        co_await server.shutdown(2s);
        EXPECT_EQ(server.connections(), 0u);
        const std::string all = co_await client.rest();
        EXPECT_EQ(all, "");
    });
    EXPECT_EQ(said, "cancelled");
    EXPECT_EQ(clock().elapsed(), 3s);
}

}  // namespace
}  // namespace aio::tests
