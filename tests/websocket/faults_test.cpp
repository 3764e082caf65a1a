// SPDX-License-Identifier: MIT
// Faults that others met with WebSockets (docs/faults.md).
#include "support/part_of.hpp"
#include "websocket/socket_support.hpp"

#include <aio/endpoints.hpp>

#include <sys/socket.h>
#include <any>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

class WebSocketFaults : public WebSocketTest {
protected:
    /// Numbered messages of all sizes, of which every fifth send is cancelled at any moment; of others some
    /// are not compressed, or apart from the rest.
    struct Sent {
        bool goes_on(int number) const {
            if (is_load()) return std::chrono::steady_clock::now() < end;
            return number < static_cast<int>(part_of(200)) + 10;
        }
        std::optional<int> compress() {
            static constexpr std::optional<int> kWays[] = {0, 9, 15};
            return random() % 5 == 0 ? kWays[random() % 3] : std::nullopt;
        }
        std::vector<std::vector<int>> of_task{5};
        std::mt19937 random{94};
        std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + 10s;
    };
    static std::string made(int task, int number, std::size_t size) {
        std::string text = std::to_string(task) + ":" + std::to_string(number) + ":";
        while (text.size() < size) text += std::to_string(number * 31 + static_cast<int>(text.size())) + " ";
        return text;
    }
    static Coro<> send_some(http::WebSocket socket, Sent& sent, int task) {
        for (int number = 0; sent.goes_on(number); ++number) {
            const std::size_t size =
                10 + (sent.random() % 20 == 0 ? sent.random() % 1'000'000 : sent.random() % 3000);
            const std::string text = made(task, number, size);
            auto send = create_task(
                [](http::WebSocket to, const std::string& what, std::optional<int> compress) -> Coro<> {
                    co_await to.send_str(what, compress);
                },
                socket, std::cref(text), sent.compress());
            if (sent.random() % 5 == 0) {
                for (std::size_t turns = sent.random() % 3; turns > 0; --turns) co_await sleep(0s);
                send.cancel();
            }
            try {
                co_await send;
            } catch (const CancelledError&) {
            }
            co_await sleep(std::chrono::microseconds(sent.random() % 300));
        }
    }
    /// Each message whole, and those of a task in order.
    static void take(Sent& sent, const std::string& text) {
        const int task = std::stoi(text);
        const int number = std::stoi(text.substr(text.find(':') + 1));
        EXPECT_EQ(text, made(task, number, text.size()).substr(0, text.size()));
        std::vector<int>& of_task = sent.of_task[static_cast<std::size_t>(task)];
        if (!of_task.empty()) {
            EXPECT_GT(number, of_task.back());
        }
        of_task.push_back(number);
    }
};

TEST_F(WebSocketFaults, F94_sends_that_are_cancelled_leave_the_compressor_in_step) {
    Sent to_server;
    Sent to_client;
    const auto both_ways = [&](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        EXPECT_TRUE(socket.compresses());
        std::vector<Task<>> senders;
        for (int task = 0; task < 5; ++task)
            senders.push_back(create_task(&WebSocketFaults::send_some, socket, std::ref(to_client), task));
        while (const auto message = co_await socket.next()) take(to_server, message->data());
        for (auto& sender : senders) sender.cancel();
        log += std::to_string(socket.close_code().value_or(0));
        co_return socket;
    };
    with(
        both_ways,
        [&](http::ClientWebSocketResponse socket) -> Coro<> {
            std::vector<Task<>> senders;
            for (int task = 0; task < 5; ++task)
                senders.push_back(
                    create_task(&WebSocketFaults::send_some, socket, std::ref(to_server), task));
            auto receiver = create_task(
                [](http::WebSocket from, Sent& received) -> Coro<> {
                    while (const auto message = co_await from.next()) take(received, message->data());
                },
                socket, std::ref(to_client));
            for (auto& sender : senders) co_await sender;
            co_await sleep(1s);
            co_await socket.close();
            co_await receiver;
        },
        [](http::WebSocketBuilder& builder) { builder.compress(); });
    EXPECT_EQ(log, "1000");
    for (const Sent& sent : {to_server, to_client}) {
        for (const std::vector<int>& of_task : sent.of_task) EXPECT_GT(of_task.size(), part_of(200) / 2);
    }
}

// Any byte is a sign of life, and a large frame is many.
TEST_F(WebSocketFaults, F95_a_large_frame_that_takes_longer_than_the_heartbeat) {
    const auto slow = [](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        const std::string head = RawFrame{.first = 0x82, .size = 10'000'000}.str();
        request.transport().write(BytesView(head));
        for (int i = 0; i < 100; ++i) {
            request.transport().write(std::string(100'000, 'x'));
            co_await sleep(50ms);
        }
        co_await socket.next();
        co_return socket;
    };
    with(
        slow,
        [](http::ClientWebSocketResponse socket) -> Coro<> {
            const TimePoint begin = get_running_loop().time();
            const std::string bytes = co_await socket.receive_bytes();
            EXPECT_EQ(bytes.size(), 10'000'000U);
            EXPECT_GT(get_running_loop().time() - begin, 4s);
            co_await socket.close();
        },
        [](http::WebSocketBuilder& builder) { builder.heartbeat(1s).max_msg_size(10'000'000); });
}

// It reads nothing any more: the sender that waits for room is told, too.
TEST_F(WebSocketFaults, F95_a_peer_that_vanishes_while_a_send_is_blocked) {
    const auto vanishes = [](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        co_await sleep(1h);
        co_return socket;
    };
    with(
        vanishes,
        [](http::ClientWebSocketResponse socket) -> Coro<> {
            const TimePoint begin = get_running_loop().time();
            auto receiver = create_task(
                [](http::WebSocket from) -> Coro<WSMessage> { co_return co_await from.receive(); }, socket);
            std::string caught;
            try {
                for (;;) co_await socket.send_bytes(std::string(100'000, 'x'));
            } catch (const ConnectionResetError& e) {
                caught = e.what();
            }
            EXPECT_NE(caught, "");
            EXPECT_LE(get_running_loop().time() - begin, 2s);
            const WSMessage message = co_await receiver;
            EXPECT_EQ(message.type(), WSMsgType::error);
            EXPECT_EQ(socket.close_code(), 1006);
        },
        [](http::WebSocketBuilder& builder) { builder.heartbeat(1s); });
}

class WebSocketSocketFaults : public ::testing::Test, public testing::LoopTest {
protected:
    WebSocketSocketFaults() : LoopTest(true) {}
};

// Handlers that only send learn of it by sending.
TEST_F(WebSocketSocketFaults, F98_clients_that_vanish_leave_nothing) {
    const int clients = is_load() ? 5000 : static_cast<int>(part_of(1000));
    int begun = 0;
    int ended = 0;
    int sends_after = 0;
    const auto only_sends = [&](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().heartbeat(10s));
        const auto first = co_await socket.next();
        EXPECT_TRUE(first);
        const bool rests = ++begun % 2 == 0;  // the others wait only for room to send
        const std::string tick = rests ? "tick" : "tick" + std::string(100'000, '.');
        try {
            for (;;) {
                co_await socket.send_str(tick);
                if (rests) co_await sleep(1ms);
                if (socket.get_extra_info("peername").has_value() && request.transport().is_closing())
                    ++sends_after;
            }
        } catch (const ConnectionError&) {
        }
        ++ended;
        co_return socket;
    };
    run([&]() -> Coro<> {
        const web::RawTestServer server{web::Handler(only_sends)};
        co_await server.start_server();
        http::ClientSession session;
        std::size_t tasks = 0;
        for (int i = 0; i < clients; ++i) {
            {
                auto socket = co_await session.ws_connect(server.make_url("/"));
                co_await socket.send_str("hello");
                const std::string text = co_await socket.receive_str();
                EXPECT_EQ(text.substr(0, 4), "tick");
                const int one = 1;
                const linger at_once{one, 0};
                const auto fd = socket.get_extra_info("socket");
                const int number = std::any_cast<TransportSocket>(fd).fileno();
                EXPECT_EQ(::setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
            }  // a reset
            while (ended <= i) co_await sleep(0s);
            if (i == 10) tasks = get_running_loop().stats().tasks;
        }
        while (server.runner().server().connections() > 0) co_await sleep(1ms);
        EXPECT_EQ(begun, clients);
        EXPECT_EQ(ended, clients);
        EXPECT_LE(sends_after, 2 * clients);
        EXPECT_LE(get_running_loop().stats().tasks, tasks + 1);
        co_await session.close();
        co_await server.close();
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

}  // namespace
}  // namespace aio::tests
