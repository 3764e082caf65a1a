// SPDX-License-Identifier: MIT
// S126 to S132 for TCP, S134 to S138, the transports' rows of S150, and S151.
#include "conformance.hpp"

#include <net/net_support.hpp>

#include <aio/base/exception_group.hpp>
#include <aio/streams.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

std::string b(std::string_view bytes) { return "b'" + std::string(bytes) + "'"; }
int port_of(const Server& server) { return server.sockets()[0].getsockname().port(); }

// What most scenarios' clients do.
Coro<StreamPair> connect_to(Server server) { return open_connection("127.0.0.1", port_of(server)); }

struct OrderProtocol : Protocol {
    OrderProtocol(Trace& trace, Future<> at_end) : print(trace), done(std::move(at_end)) {}
    void connection_made(Transport& made) override {
        transport = Ref<Transport>(&made);
        print("made");
    }
    void data_received(BytesView data) override {
        print("data", b(data));
        transport->close();
        transport->close();
        print("closing", transport->is_closing());
    }
    bool eof_received() override {
        print("eof");
        return false;
    }
    void connection_lost(std::exception_ptr error) override {
        print("lost", repr(error));
        done.set_result();
    }
    Trace& print;
    Future<> done;
    Ref<Transport> transport;
};

TEST_F(Conformance, S126_call_order_of_a_protocol) {
    run([&]() -> Coro<> {
        const Future<> done = loop().create_future<>();
        auto factory = [&] { return std::make_shared<OrderProtocol>(print, done); };
        Server s = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        w.write("1");
        co_await done;
        w.close();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "made\n"
        "data b'1'\n"
        "closing True\n"
        "lost None\n");
}

struct MadeAndData : Protocol {
    explicit MadeAndData(Trace& trace) : print(trace) {}
    void connection_made(Transport&) override { print("made"); }
    void data_received(BytesView) override { print("data"); }
    Trace& print;
};

TEST_F(Conformance, S127_connection_made_comes_before_create_connection_returns) {
    run([&]() -> Coro<> {
        auto serve = [](StreamReader, StreamWriter w) {
            w.write("hello");
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto factory = [&] { return std::make_shared<MadeAndData>(print); };
        auto [transport, protocol] = co_await create_connection(factory, "127.0.0.1", port_of(s));
        print("returned");
        co_await settle();
        transport->close();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "made\n"
        "returned\n"
        "data\n");
}

TEST_F(Conformance, S128_close_flushes_abort_discards) {
    run([&]() -> Coro<> {
        auto flushed = [&](bool abort) -> Coro<bool> {
            std::optional<std::size_t> received;
            auto serve = [&](StreamReader r, StreamWriter w) -> Coro<> {
                try {
                    const std::string all = co_await r.read(-1);
                    received = all.size();
                } catch (const ConnectionError&) {
                    received = 0;
                }
                w.close();
            };
            Server s = co_await start_server(serve, "127.0.0.1", 0);
            auto [r, w] = co_await connect_to(s);
            w.write(std::string(6'000'000, 'x'));
            if (abort) {
                w.transport().abort();
            } else {
                w.transport().close();
            }
            while (!received) co_await settle(5ms);
            s.close();
            co_await s.wait_closed();
            co_return *received == 6'000'000;
        };
        const bool after_close = co_await flushed(false);
        const bool after_abort = co_await flushed(true);
        print(after_close, after_abort);
    });
    expect("True False\n");
}

struct AnswerAfterEof : Protocol {
    explicit AnswerAfterEof(bool keep_open) : keep(keep_open) {}
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    bool eof_received() override {
        get_running_loop().call_later(20ms, [t = transport] {
            if (t->is_closing()) return;
            t->write("answer");
            t->close();
        });
        return keep;
    }
    bool keep;
    Ref<Transport> transport;
};

TEST_F(Conformance, S129_eof_received_decides_about_half_open) {
    run([&]() -> Coro<> {
        for (const bool keep : {true, false}) {
            auto factory = [keep] { return std::make_shared<AnswerAfterEof>(keep); };
            Server s = co_await create_server(factory, "127.0.0.1", 0);
            auto [r, w] = co_await connect_to(s);
            w.write_eof();
            const std::string answer = co_await r.read();
            print(keep ? "True" : "None", b(answer));
            w.close();
            s.close();
        }
    });
    expect(
        "True b'answer'\n"
        "None b''\n");
}

struct DataPrinter : Protocol {
    DataPrinter(Trace& trace, Ref<Transport>& out) : print(trace), slot(out) {}
    void connection_made(Transport& made) override { slot = Ref<Transport>(&made); }
    void data_received(BytesView data) override { print("data", b(data)); }
    Trace& print;
    Ref<Transport>& slot;
};

TEST_F(Conformance, S130_pause_and_resume_reading_are_idempotent) {
    Ref<Transport> t;
    run([&]() -> Coro<> {
        auto factory = [&] { return std::make_shared<DataPrinter>(print, t); };
        Server s = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        while (!t) co_await sleep(0s);
        t->pause_reading();
        t->pause_reading();
        w.write("1");
        co_await settle();
        print("paused", t->is_reading());
        t->resume_reading();
        t->resume_reading();
        co_await settle();
        w.close();
        s.close();
    });
    expect(
        "paused False\n"
        "data b'1'\n");
}

struct Failing : Protocol {
    explicit Failing(Trace& trace) : print(trace) {}
    void data_received(BytesView) override { throw ValueError("bad input"); }
    void connection_lost(std::exception_ptr error) override { print("lost", repr(error)); }
    Trace& print;
};

TEST_F(Conformance, S131_a_protocol_callback_that_raises_kills_only_its_connection) {
    run([&]() -> Coro<> {
        report();
        auto factory = [&] { return std::make_shared<Failing>(print); };
        Server s = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        w.write("x");
        try {
            const std::string data = co_await r.read();
            print(b(data));
        } catch (const ConnectionError&) {
            print("reset");
        }
        w.close();
        s.close();
    });
    expect(
        "HANDLER: Fatal error: protocol.data_received() call failed. ['exception', 'protocol', 'transport']\n"
        "lost ValueError('bad input')\n"
        "b''\n");
}

struct FourBytes : BufferedProtocol {
    explicit FourBytes(Trace& trace) : print(trace) {}
    std::span<char> get_buffer(std::size_t) override { return memory; }
    void buffer_updated(std::size_t n) override { print(n, b(std::string_view(memory.data(), n))); }
    bool eof_received() override {
        print("eof");
        return false;
    }
    Trace& print;
    std::array<char, 4> memory{};
};

TEST_F(Conformance, S132_buffered_protocol) {
    run([&]() -> Coro<> {
        auto factory = [&] { return std::make_shared<FourBytes>(print); };
        Server s = co_await create_server(factory, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        w.write("abcdef");
        w.write_eof();
        co_await r.read();
        w.close();
        s.close();
    });
    expect(
        "4 b'abcd'\n"
        "2 b'ef'\n"
        "eof\n");
}

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
        Server s = co_await start_server(echo, "127.0.0.1", 0);
        const int port = port_of(s);
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
        auto serve = [](StreamReader r, StreamWriter w) -> Coro<> {
            co_await r.read();
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        co_await settle(10ms);
        s.close();
        auto waits = create_task(s.wait_closed());
        co_await settle(50ms);
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

// Without happy_eyeballs_delay, which comes with the resolver.
TEST_F(Conformance, S138_connecting_to_several_addresses) {
    run([&]() -> Coro<> {
        const Socket closed = Socket::stream(AF_INET);
        closed.bind(SocketAddress("127.0.0.1", 0));
        const int port = closed.getsockname().port();
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
        "create_connection failed ['ConnectionRefusedError']\n");
}

// --- S150, the rows of transports -------------------------------------------------------------------

// Fails in the one place it is told to.
struct FailsIn : BufferedProtocol {
    explicit FailsIn(std::string where) : place(std::move(where)) {}
    void fail_in(std::string_view here) const {
        if (place == here) throw ValueError(place);
    }
    void connection_made(Transport&) override { fail_in("connection_made"); }
    std::span<char> get_buffer(std::size_t) override {
        fail_in("get_buffer");
        return std::span<char>(memory).subspan(0, place == "empty buffer" ? 0 : memory.size());
    }
    void buffer_updated(std::size_t) override { fail_in("buffer_updated"); }
    bool eof_received() override {
        fail_in("eof_received");
        return false;
    }
    void pause_writing() override { fail_in("pause_writing"); }
    void resume_writing() override { fail_in("resume_writing"); }
    std::string place;
    std::array<char, 16> memory{};
};

TEST_F(Conformance, S150_fatal_errors_of_protocol_callbacks) {
    run([&]() -> Coro<> {
        report();
        for (const char* place : {"get_buffer", "empty buffer", "buffer_updated", "eof_received"}) {
            auto [ours, theirs] = socket_pair();
            auto factory = [place] { return std::make_shared<FailsIn>(place); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            write_text(theirs.fileno(), "x");
            theirs.close();
            while (protocol.use_count() > 1) co_await sleep(0s);  // until connection_lost() returned
        }
    });
    expect(
        "HANDLER: Fatal error: protocol.get_buffer() call failed. ['exception', 'protocol', 'transport']\n"
        "HANDLER: Fatal error: protocol.get_buffer() call failed. ['exception', 'protocol', 'transport']\n"
        "HANDLER: Fatal error: protocol.buffer_updated() call failed. ['exception', 'protocol', "
        "'transport']\n"
        "HANDLER: Fatal error: protocol.eof_received() call failed. ['exception', 'protocol', "
        "'transport']\n");
}

TEST_F(Conformance, S150_failures_of_pause_writing_and_resume_writing_are_not_fatal) {
    run([&]() -> Coro<> {
        report();
        for (const char* place : {"pause_writing", "resume_writing"}) {
            auto [ours, theirs] = socket_pair();
            auto factory = [place] { return std::make_shared<FailsIn>(place); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            transport->write(std::string(4'000'000, 'x'));
            std::size_t received = 0;
            while (received < 4'000'000) {
                received += read_all(theirs.fileno()).size();
                co_await sleep(0s);
            }
            print(transport->is_closing());
            transport->close();
            while (protocol.use_count() > 1) co_await sleep(0s);
        }
    });
    expect(
        "HANDLER: protocol.pause_writing() failed ['exception', 'protocol', 'transport']\n"
        "False\n"
        "HANDLER: protocol.resume_writing() failed ['exception', 'protocol', 'transport']\n"
        "False\n");
}

struct LostPrinter : Protocol {
    explicit LostPrinter(Trace& trace) : print(trace) {}
    void connection_lost(std::exception_ptr error) override { print("lost", error_name(error)); }
    Trace& print;
};

TEST_F(Conformance, S150_ordinary_disconnects_are_not_reported) {
    run([&]() -> Coro<> {
        report();
        auto [ours, theirs] = tcp_pair();
        auto factory = [&] { return std::make_shared<LostPrinter>(print); };
        auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
        reset_on_close(theirs.fileno());
        theirs.close();
        while (protocol.use_count() > 1) co_await sleep(0s);
    });
    expect("lost ConnectionResetError\n");
}

// Nothing an orderly program does makes a connected socket fail otherwise: the descriptor is replaced.
TEST_F(Conformance, S150_unexpected_socket_errors_are_reported) {
    run([&]() -> Coro<> {
        report();
        for (const bool writing : {false, true}) {
            auto [ours, theirs] = socket_pair();
            const int fd = ours.fileno();
            auto factory = [&] { return std::make_shared<LostPrinter>(print); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            transport->pause_reading();
            write_text(theirs.fileno(), "x");
            co_await sleep(0s);
            co_await sleep(0s);
            const Socket other(::open("/dev/null", O_RDWR | O_CLOEXEC));
            ::dup2(other.fileno(), fd);
            if (writing) {
                transport->write("x");
            } else {
                transport->resume_reading();
            }
            while (protocol.use_count() > 1) co_await sleep(0s);
        }
    });
    expect(
        "HANDLER: Fatal read error on socket transport ['exception', 'protocol', 'transport']\n"
        "lost OSError\n"
        "HANDLER: Fatal write error on socket transport ['exception', 'protocol', 'transport']\n"
        "lost OSError\n");
}

// --- S151 -------------------------------------------------------------------------------------------

// Leaves room for `more` descriptors in the process.
class DescriptorLimit {
public:
    explicit DescriptorLimit(int more) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit limit = before_;
        const int next = ::dup(0);  // the lowest free number
        ::close(next);
        limit.rlim_cur = static_cast<rlim_t>(next + more);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// The sanitizer opens descriptors for its own checks.
constexpr bool kDescriptorsMayRunOut =
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
    false &&
#endif
#endif
    true;

TEST_F(Conformance, S151_accept_pauses_for_a_second_when_descriptors_run_out) {
    if (!kDescriptorsMayRunOut) GTEST_SKIP();
    run([&]() -> Coro<> {
        report();
        int connected = 0;
        auto serve = [&](StreamReader, StreamWriter w) {
            ++connected;
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        const SocketAddress address = s.sockets()[0].getsockname();
        const Socket client = Socket::stream(AF_INET);
        std::optional<DescriptorLimit> limit(0);
        ::connect(client.fileno(), address.native(), address.native_size());
        const TimePoint start = loop().time();
        while (print.empty()) co_await sleep(0s);
        limit.reset();
        co_await settle(10ms);
        print("before the second is over:", connected);
        while (connected == 0) co_await sleep(50ms);
        print("after it:", connected, loop().time() - start >= 1s && loop().time() - start < 1200ms);
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "HANDLER: socket.accept() out of system resource ['exception', 'socket']\n"
        "before the second is over: 0\n"
        "after it: 1 True\n");
}

}  // namespace
}  // namespace aio::tests
