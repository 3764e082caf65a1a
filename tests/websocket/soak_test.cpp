// SPDX-License-Identifier: MIT
// A room in which many chat while others vanish or do not read: who reads misses nothing, nobody waits for
// those who do not, and nothing stays. Some rounds of it; with AIO_LOAD_SECONDS a thousand members for so
// long
// (./dev check load).
#include "faults/held.hpp"
#include "support/heap.hpp"
#include "support/part_of.hpp"
#include "support/sanitized.hpp"
#include "support/tcp.hpp"
#include "websocket/frames.hpp"

#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct Crowd {
    int talkers;
    int listeners;
    int vanishing;
    int slow;
};

struct Tally {
    long said = 0;
    long heard = 0;
    long vanished = 0;
    long sent_away = 0;  ///< because they did not read
};

/// Whoever is there gets what anybody says.
class Room {
public:
    explicit Room(Tally& tally) : tally_(tally) {}

    Coro<web::Response> serve(web::Request& request) {
        auto socket =
            co_await web::accept_websocket(request, web::WebSocketOptions().timeout(50ms).heartbeat(20s));
        const auto place = members_.insert(members_.end(), socket);
        while (const auto message = co_await socket.next()) say(message->data());
        members_.erase(place);
        co_return socket;
    }
    bool empty() const noexcept { return members_.empty(); }

private:
    void say(const std::string& text) {
        ++tally_.said;
        for (const http::WebSocket& slow : http::broadcast(members_, text)) {
            ++tally_.sent_away;
            send_away(slow);
        }
    }
    // It stays a member until its handler has ended.
    void send_away(const http::WebSocket& slow) {
        if (std::ranges::find(going_, slow.state()) != going_.end()) return;
        going_.push_back(slow.state());
        group_.push_back(create_task(goodbye(slow)));
        std::erase_if(group_, [](const Task<>& task) { return task.done(); });
    }
    Coro<> goodbye(http::WebSocket slow) {
        co_await slow.close(http::WSCloseCode::policy_violation);
        std::erase(going_, slow.state());
    }

    Tally& tally_;
    std::list<web::WebSocketResponse> members_;
    std::vector<std::shared_ptr<http::detail::WebSocketState>> going_;
    std::vector<Task<>> group_;
};

/// What a member hears of each talker has no gaps, whenever it came.
class Ear {
public:
    void hear(const std::string& text) {
        const std::size_t colon = text.find(':');
        const std::string who = text.substr(0, colon);
        const long number = std::stol(text.substr(colon + 1));
        const auto [known, is_new] = last_.try_emplace(who, number);
        if (is_new) return;
        if (number != known->second + 1)
            ADD_FAILURE() << who << " said " << number << " after " << known->second;
        known->second = number;
    }

private:
    std::map<std::string, long> last_;
};

class Chat {
public:
    explicit Chat(Crowd crowd) : crowd_(crowd) {}

    Coro<> run(int seconds) {
        co_await start();
        co_await phase(5, 0);  // warms up pools, tables and buffers
        const Stock before = co_await settle();
        co_await phase(static_cast<int>(part_of(kSanitized ? 20 : 60)), seconds);
        const Stock after = co_await settle();
        EXPECT_EQ(after.held, before.held);
        if (!kSanitized) {
            EXPECT_LT(after.heap - before.heap, 4 * 1024 * 1024);
        }
        co_await runner_.cleanup();
    }
    const Tally& tally() const noexcept { return tally_; }

private:
    struct Stock {
        Held held;
        long heap;
    };

    Coro<> start() {
        co_await runner_.setup();
        Socket listener = bound_socket(kSmallBuffer);
        address_ = listener.getsockname();
        web::SockSite site(runner_, std::move(listener), web::SiteOptions().backlog(2000));
        co_await site.start();
        url_ = "http://127.0.0.1:" + std::to_string(address_.port()) + "/";
    }

    /// Talkers say so much, and go on until the time is over and somebody was sent away; the others are there
    /// as long as they are.
    Coro<> phase(int sayings, int seconds) {
        const auto end = get_running_loop().time() + std::chrono::seconds(seconds);
        ends_ = false;
        sent_away_before_ = tally_.sent_away;
        http::ClientSession session(http::SessionOptions().connector(
            std::make_shared<http::TCPConnector>(http::ConnectorOptions().limit(0))));
        std::vector<Task<>> others;
        for (int i = 0; i < crowd_.listeners; ++i) others.push_back(create_task(listen(session)));
        for (int i = 0; i < crowd_.vanishing; ++i) others.push_back(create_task(vanish(session)));
        for (int i = 0; i < crowd_.slow; ++i) others.push_back(create_task(do_not_read()));
        std::vector<Coro<>> talkers;
        for (int i = 0; i < crowd_.talkers; ++i) talkers.push_back(talk(session, i, sayings, end));
        co_await gather(std::move(talkers));
        ends_ = true;
        // A last word wakes those who listen, also those who come only now.
        auto last = co_await session.ws_connect(url_);
        for (auto& other : others) {
            while (!other.done()) {
                co_await last.send_str("end:0");
                const std::string text = co_await last.receive_str();
                EXPECT_EQ(text, "end:0");
            }
            co_await other;
        }
        co_await last.close();
        co_await session.close();
    }

    bool goes_on(TimePoint end) const {
        return get_running_loop().time() < end || tally_.sent_away == sent_away_before_;
    }
    /// Says something and waits until that has come back.
    Coro<> talk(http::ClientSession session, int number, int sayings, TimePoint end) {
        const std::string name = "talker" + std::to_string(number);
        auto socket = co_await session.ws_connect(url_);
        Ear ear;
        for (int i = 0; i < sayings || goes_on(end); ++i) {
            const std::string text = name + ":" + std::to_string(i) + ":" + std::string(1000, 'x');
            co_await socket.send_str(text);
            for (std::string got; got != text;) {
                got = co_await socket.receive_str();
                ear.hear(got);
                ++tally_.heard;
            }
        }
        co_await socket.close();
    }
    Coro<> listen(http::ClientSession session) {
        auto socket = co_await session.ws_connect(url_);
        Ear ear;
        for (bool goes_on = true; goes_on;) {
            const std::string text = co_await socket.receive_str();
            goes_on = text != "end:0";
            if (goes_on) ear.hear(text);
            ++tally_.heard;
        }
        co_await socket.close();
    }
    /// Resets the connection, and comes again.
    Coro<> vanish(http::ClientSession session) {
        while (!ends_) {
            auto socket = co_await session.ws_connect(url_);
            for (int i = static_cast<int>(random_() % 5); i > 0 && !ends_; --i) {
                const std::string text = co_await socket.receive_str();
                EXPECT_FALSE(text.empty());
            }
            const linger at_once{1, 0};
            const int fd = std::any_cast<TransportSocket>(socket.get_extra_info("socket")).fileno();
            EXPECT_EQ(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
            ++tally_.vanished;
        }
    }
    /// Is there until it is sent away, and reads then what it was sent before.
    Coro<> do_not_read() {
        while (!ends_) {
            auto streams = co_await open_connection(connected_socket(address_, kSmallBuffer));
            auto& [reader, writer] = streams;
            writer.write(
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            const std::string head = co_await reader.readuntil("\r\n\r\n");
            EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
            writer.transport().pause_reading();
            const long before = tally_.sent_away;
            while (!ends_ && tally_.sent_away == before) co_await sleep(5ms);
            writer.transport().abort();
        }
    }

    Coro<Stock> settle() {
        EventLoop& loop = get_running_loop();
        const auto end = loop.time() + 60s;
        while ((runner_.server().connections() > 0 || loop.stats().tasks > 1) && loop.time() < end)
            co_await sleep(1ms);
        for (int i = 0; i < 20; ++i) co_await sleep(1ms);
        EXPECT_TRUE(room_.empty());
        Held held = held_by(loop);
        held.timers = 0;  // those of the server's limits may stand or not
        const auto heap = static_cast<long>(allocated_bytes());
        co_return Stock{held, heap - static_cast<long>(pool::stats().reserved_bytes)};
    }

    static web::Application make_app(Room& room) {
        web::Application app;
        app.add_get("/", [&room](web::Request& request) { return room.serve(request); });
        return app;
    }

    const Crowd crowd_;
    Tally tally_;
    Room room_{tally_};
    web::AppRunner runner_{make_app(room_), web::ServerOptions().lingering_time(100ms)};
    SocketAddress address_;
    std::string url_;
    bool ends_ = false;
    long sent_away_before_ = 0;
    std::mt19937 random_{1};
};

TEST(Soak, ARoomFullOfWebSocketsLeavesNothingBehind) {
    const char* const seconds = std::getenv("AIO_LOAD_SECONDS");
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    Chat chat(seconds ? Crowd{50, 750, 100, 100} : Crowd{8, 40, 8, 8});
    std::vector<std::string> reports;
    aio::run([](Chat* all, int time, std::vector<std::string>* told) -> Coro<> {
        get_running_loop().set_exception_handler(
            [told](EventLoop&, const ExceptionContext& context) { told->push_back(context.str()); });
        co_await all->run(time);
    }(&chat, seconds ? std::atoi(seconds) : 0, &reports));
    EXPECT_EQ(reports, std::vector<std::string>());
    EXPECT_GT(chat.tally().vanished, 0);
    EXPECT_GT(chat.tally().sent_away, 0);
    if (seconds) {
        std::printf("%ld answered with %ld copies, %ld vanished, %ld times somebody did not read\n",
                    chat.tally().said, chat.tally().heard, chat.tally().vanished, chat.tally().sent_away);
    }
}

}  // namespace
}  // namespace aio::tests
