// SPDX-License-Identifier: MIT
// S122 to S125 and S166: stream writers and flow control.
#include "network.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S122_write_never_waits_drain_waits_only_while_paused) {
    run([&]() -> Coro<> {
        std::vector<std::size_t> got;
        auto serve = [&](StreamReader r, StreamWriter w) -> Coro<> {
            co_await sleep(50ms);
            const std::string all = co_await r.read(-1);
            got.push_back(all.size());
            w.close();
        };
        Server s = co_await start_server(serve, bound_socket(kSmallBuffer), ServerOptions());
        auto [r, w] = co_await connect_small_to(s);
        int other = 0;
        loop().call_soon([&other] { ++other; });
        for (int i = 0; i < 100; ++i) {
            w.write("x");
            co_await w.drain();
        }
        print("others ran:", other);
        const WriteBufferLimits limits = w.transport().get_write_buffer_limits();
        print("(" + std::to_string(limits.low) + ", " + std::to_string(limits.high) + ")");
        w.write(std::string(8'000'000, 'y'));
        auto t = create_task(w.drain());
        co_await sleep(0s);
        print("drain waits:", !t.done(), w.transport().get_write_buffer_size() > limits.high);
        co_await t;
        print("resumed at low mark:", w.transport().get_write_buffer_size() <= limits.low);
        w.write_eof();
        co_await until([&] { return !got.empty(); });
        w.close();
        co_await w.wait_closed();
        print(got);
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "others ran: 0\n"
        "(16384, 65536)\n"
        "drain waits: True True\n"
        "resumed at low mark: True\n"
        "[8000100]\n");
}

TEST_F(Conformance, S123_set_write_buffer_limits) {
    run([&]() -> Coro<> {
        auto serve = [](StreamReader r, StreamWriter w) -> Coro<> {
            co_await r.read();
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(s));
        Transport& t = w.transport();
        const auto show = [&] {
            const auto [low, high] = t.get_write_buffer_limits();
            print("(" + std::to_string(low) + ", " + std::to_string(high) + ")");
        };
        show();
        using Mark = std::optional<std::size_t>;
        const std::vector<std::pair<Mark, Mark>> cases = {
            {1000, std::nullopt}, {std::nullopt, 50}, {0, std::nullopt}, {10, 20}};
        for (const auto& [high, low] : cases) {
            try {
                t.set_write_buffer_limits(high, low);
                show();
            } catch (const ValueError&) {
                print("ValueError");
            }
        }
        w.close();
        co_await w.wait_closed();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "(16384, 65536)\n"
        "(250, 1000)\n"
        "(50, 200)\n"
        "(0, 0)\n"
        "ValueError\n");
}

TEST_F(Conformance, S124_writing_to_a_dead_peer) {
    run([&]() -> Coro<> {
        auto serve = [](StreamReader, StreamWriter w) { w.transport().abort(); };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(s));
        try {
            const std::string data = co_await r.read();
            print(b(data));
        } catch (const ConnectionError&) {
            print("read:", error_name(std::current_exception()));
        }
        w.write("x");
        await_events(w.transport().fd(),
                     0);  // the reset, which the loop does not look for after the end of file
        co_await sleep(0s);
        try {
            w.write("x");
            co_await w.drain();
            print("no error");
        } catch (const ConnectionError&) {
            print("drain:", error_name(std::current_exception()));
        }
        w.close();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "b''\n"
        "drain: ConnectionResetError\n");
}

TEST_F(Conformance, S124_writes_after_the_loss_are_warned_of_from_the_fifth_on) {
    std::vector<std::string> warnings;
    const LogHandler before = set_log_handler([&](LogLevel level, std::string_view text) {
        if (level == LogLevel::warning) warnings.emplace_back(text);
    });
    run([&]() -> Coro<> {
        auto serve = [](StreamReader, StreamWriter w) { w.close(); };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(s));
        w.transport().abort();
        co_await w.wait_closed();
        for (int i = 0; i < 6; ++i) {
            w.write("x");
            print(i + 1, warnings.size());
        }
        s.close();
        co_await s.wait_closed();
    });
    set_log_handler(before);
    expect("1 0\n2 0\n3 0\n4 0\n5 1\n6 2\n");
    EXPECT_EQ(warnings.front(), "socket.send() raised exception.");
}

TEST_F(Conformance, S125_half_close) {
    run([&]() -> Coro<> {
        auto serve = [](StreamReader r, StreamWriter w) -> Coro<> {
            const std::string all = co_await r.read();
            w.write("len=" + std::to_string(all.size()));
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await open_connection("127.0.0.1", port_of(s));
        w.write(std::string(300'000, 'x'));
        w.write_eof();
        const std::string answer = co_await r.read();
        print(b(answer));
        try {
            w.write("more");
        } catch (const RuntimeError& e) {
            print("RuntimeError");
            EXPECT_STREQ(e.what(), "Cannot call write() after write_eof()");
        }
        w.close();
        co_await w.wait_closed();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "b'len=300000'\n"
        "RuntimeError\n");
}

Coro<> echo(Trace* print, StreamReader r, StreamWriter w) {
    const std::string data = co_await r.read(1024);
    (*print)("Received " + data);
    w.write(data);
    co_await w.drain();
    w.close();
}

Coro<> echo_client(Trace* print, int port, std::string message) {
    auto [r, w] = co_await open_connection("127.0.0.1", port);
    (*print)("Send:", message);
    w.write(message);
    co_await w.drain();
    const std::string data = co_await r.read(1024);
    (*print)("Echo:", data);
    w.close();
    co_await w.wait_closed();
}

TEST_F(Conformance, S166_echo_server_and_client) {
    run([&]() -> Coro<> {
        auto serve = [this](StreamReader r, StreamWriter w) {
            return echo(&print, std::move(r), std::move(w));
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        co_await echo_client(&print, port_of(s), "hello");
        co_await echo_client(&print, port_of(s), "bye");
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "Send: hello\n"
        "Received hello\n"
        "Echo: hello\n"
        "Send: bye\n"
        "Received bye\n"
        "Echo: bye\n");
}

// Three fetches at once: each connection's lines in order.
TEST_F(Conformance, S166_three_fetches_keep_each_connections_order) {
    std::vector<std::string> lines[3];
    run([&]() -> Coro<> {
        auto serve = [](StreamReader r, StreamWriter w) -> Coro<> {
            const std::string request = co_await r.readline();
            for (int i = 0; i < 5; ++i) {
                w.write(request.substr(0, request.size() - 1) + " " + std::to_string(i) + "\n");
                co_await sleep(1ms);
            }
            w.close();
        };
        auto fetch = [&](int number, int port) -> Coro<> {
            auto [r, w] = co_await open_connection("127.0.0.1", port);
            w.write("page" + std::to_string(number) + "\n");
            while (auto line = co_await r.next_line()) lines[number].push_back(*line);
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        const int port = port_of(s);
        co_await gather(fetch(0, port), fetch(1, port), fetch(2, port));
        s.close();
        co_await s.wait_closed();
    });
    for (int number = 0; number < 3; ++number) {
        ASSERT_EQ(lines[number].size(), 5u);
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(lines[number][static_cast<std::size_t>(i)],
                      "page" + std::to_string(number) + " " + std::to_string(i) + "\n");
        }
    }
}

}  // namespace
}  // namespace aio::tests
