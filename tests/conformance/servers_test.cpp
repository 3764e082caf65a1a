// SPDX-License-Identifier: MIT
// S134 to S138: servers and connections.
#include "network.hpp"

#include <aio/base/exception_group.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

Coro<> echo(StreamReader r, StreamWriter w) {
    for (;;) {
        const std::string data = co_await r.read(99);
        if (data.empty()) break;
        w.write(data);
    }
    w.close();
}

TEST_F(Conformance, S134_close_stops_listening_open_connections_live_on) {
    run([&]() -> Coro<> {
        Server s = co_await start_server(echo, "127.0.0.1", 0, ServerOptions().reuse_port(true));
        const int port = port_of(s);
        const Socket holder = Socket::stream(AF_INET);  // or the port is anybody's once the server is closed
        holder.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
        holder.bind(address_of(s));
        auto [r, w] = co_await open_connection("127.0.0.1", port);
        w.write("1");
        co_await r.read(1);
        s.close();
        print(s.is_serving(), s.sockets().size());
        w.write("2");
        const std::string answer = co_await r.read(1);
        print(b(answer));
        try {
            co_await open_connection("127.0.0.1", port);
        } catch (const ConnectionRefusedError&) {
            print("refused");
        }
        s.close_clients();
        const std::string rest = co_await r.read();
        print(b(rest));
        w.close();
        co_await s.wait_closed();
    });
    expect(
        "False 0\n"
        "b'2'\n"
        "refused\n"
        "b''\n");
}

TEST_F(Conformance, S135_wait_closed_waits_for_the_connections_too) {
    run([&]() -> Coro<> {
        bool begun = false;
        auto serve = [&](StreamReader r, StreamWriter w) -> Coro<> {
            begun = true;
            co_await r.read();
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        co_await until([&] { return begun; });
        s.close();
        auto waits = create_task(s.wait_closed());
        co_await settle_for_real(50ms);
        print(waits.done() ? "returned with a client connected" : "waits for client");
        w.close();
        co_await waits;
        print("closed");
    });
    expect(
        "waits for client\n"
        "closed\n");
}

TEST_F(Conformance, S136_serve_forever_and_start_serving) {
    run([&]() -> Coro<> {
        auto serve = [](StreamReader, StreamWriter w) { w.close(); };
        Server s = co_await start_server(serve, "127.0.0.1", 0, ServerOptions().start_serving(false));
        print(s.is_serving());
        auto t = create_task(s.serve_forever());
        co_await sleep(10ms);
        print(s.is_serving());
        try {
            co_await s.serve_forever();
        } catch (const RuntimeError&) {
            print("RuntimeError");
        }
        t.cancel();
        try {
            co_await t;
        } catch (const CancelledError&) {
        }
        print(t.cancelled(), s.is_serving());
    });
    expect(
        "False\n"
        "True\n"
        "RuntimeError\n"
        "True False\n");
}

TEST_F(Conformance, S137_errors_in_a_connection_callback_are_reported_and_the_connection_is_closed) {
    run([&]() -> Coro<> {
        report();
        auto serve = [](StreamReader r, StreamWriter) -> Coro<> {
            co_await r.read(0);  // makes it a coroutine
            throw ValueError("x");
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        const std::string data = co_await r.read();
        print(b(data));
        w.close();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "HANDLER: Unhandled exception in client_connected_cb ['exception', 'transport']\n"
        "b''\n");
}

TEST_F(Conformance, S137_cancellation_of_a_connection_callback_is_silent) {
    run([&]() -> Coro<> {
        report();
        auto serve = [](StreamReader r, StreamWriter) -> Coro<> {
            current_task().cancel();
            co_await r.read();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        const std::string data = co_await r.read();
        print(b(data));
        w.close();
        s.close();
        co_await s.wait_closed();
    });
    expect("b''\n");
}

TEST_F(Conformance, S138_connecting_to_several_addresses) {
    run([&]() -> Coro<> {
        const LocalPort closed;
        const int port = closed.port();
        try {
            co_await open_connection("127.0.0.1", port);
        } catch (const OSError& e) {
            print(error_name(std::current_exception()));
            EXPECT_EQ(e.what(), "connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
        }
        try {
            co_await open_connection("127.0.0.1", port, ConnectOptions().all_errors(true));
        } catch (const ExceptionGroup& e) {
            print(e.message(), "['" + error_name(e.exceptions().at(0)) + "']");
        }
        try {
            co_await open_connection("127.0.0.1", port, ConnectOptions().happy_eyeballs_delay(100ms));
        } catch (const OSError&) {
            print(error_name(std::current_exception()));
        }
        // Not in the scenario: different errors are joined.
        try {
            co_await open_connection("localhost", port);
        } catch (const OSError& e) {
            const std::string v4 = "connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused";
            const std::string v6 = "connect to [::1]:" + std::to_string(port) + ": Connection refused";
            const std::string both = "Multiple exceptions: " + v6 + ", " + v4;
            EXPECT_TRUE(e.what() == v4 || e.what() == both) << e.what();
        }
    });
    expect(
        "ConnectionRefusedError\n"
        "create_connection failed ['ConnectionRefusedError']\n"
        "ConnectionRefusedError\n");
}

}  // namespace
}  // namespace aio::tests
