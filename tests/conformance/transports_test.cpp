// SPDX-License-Identifier: MIT
// S126 to S132 for TCP: transports and protocols.
#include "network.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

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
        co_await until([&] { return print.lines().size() >= 3; });
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
            Server s = co_await start_server(serve, bound_socket(kSmallBuffer), ServerOptions());
            auto [r, w] = co_await connect_small_to(s);
            w.write(std::string(6'000'000, 'x'));
            if (abort) {
                w.transport().abort();
            } else {
                w.transport().close();
            }
            co_await until([&] { return received.has_value(); });
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
        co_await until([&] { return static_cast<bool>(t); });
        t->pause_reading();
        t->pause_reading();
        w.write("1");
        co_await settle_for_real();
        print("paused", t->is_reading());
        t->resume_reading();
        t->resume_reading();
        co_await until([&] { return print.lines().size() >= 2; });
        co_await settle_for_real();  // nothing comes twice
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

}  // namespace
}  // namespace aio::tests
