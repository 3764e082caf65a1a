// SPDX-License-Identifier: MIT
// S117 to S121: stream readers.
#include "network.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S117_read_returns_what_is_there_readexactly_waits_for_all) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("abcdef");
        const std::string first = co_await r.read(4);
        const std::string second = co_await r.read(4);
        const std::string third = co_await r.read(0);
        print(b(first), b(second), b(third));
        r.feed_data("xyz");
        const std::string two = co_await r.readexactly(2);
        const std::string none = co_await r.readexactly(0);
        print(b(two), b(none));
        r.feed_eof();
        try {
            co_await r.readexactly(5);
        } catch (const IncompleteReadError& e) {
            print(b(e.partial()), *e.expected());
        }
        const std::string nine = co_await r.read(9);
        const std::string all = co_await r.read(-1);
        print(b(nine), b(all), r.at_eof());
        try {
            co_await r.readexactly(-1);
        } catch (const ValueError&) {
            print("ValueError");
        }
    });
    expect(
        "b'abcd' b'ef' b''\n"
        "b'xy' b''\n"
        "b'z' 5\n"
        "b'' b'' True\n"
        "ValueError\n");
}

TEST_F(Conformance, S118_readuntil_limit_and_eof) {
    run([&]() -> Coro<> {
        StreamReader r(8);
        r.feed_data("ab|rest");
        const std::string first = co_await r.readuntil("|");
        print(b(first));
        r.feed_data("0123456789");
        try {
            co_await r.readuntil("|");
        } catch (const LimitOverrunError& e) {
            print(e.consumed(), b(r.buffered()));
        }
        r.feed_data("|");
        try {
            co_await r.readuntil("|");
        } catch (const LimitOverrunError& e) {
            print(e.consumed(), r.buffered().size());
        }
        const std::string skipped = co_await r.readexactly(15);
        print(b(skipped));
        r.feed_data("tail");
        r.feed_eof();
        try {
            co_await r.readuntil("|");
        } catch (const IncompleteReadError& e) {
            print(b(e.partial()), e.expected() ? "some" : "None", "bytearray(" + b(r.buffered()) + ")");
        }
    });
    expect(
        "b'ab|'\n"
        "14 b'rest0123456789'\n"
        "14 15\n"
        "b'rest0123456789|'\n"
        "b'tail' None bytearray(b'')\n");
}

TEST_F(Conformance, S119_readline_gives_a_partial_line_at_eof_and_ValueError_over_the_limit) {
    run([&]() -> Coro<> {
        StreamReader r(4);
        r.feed_data("ab\ntoolongline\nok\n12");
        std::string line = co_await r.readline();
        print(b(line));
        bool too_long = false;
        try {
            co_await r.readline();
        } catch (const ValueError&) {
            too_long = true;
        }
        line = co_await r.readline();
        print(too_long ? "ValueError" : "no error", b(line));
        r.feed_eof();
        line = co_await r.readline();
        const std::string last = co_await r.readline();
        print(b(line), b(last));
    });
    // Python's bytes show the line feed as \n
    expect(
        "b'ab\n'\n"
        "ValueError b'ok\n'\n"
        "b'12' b''\n");
}

TEST_F(Conformance, S120_one_reader_at_a_time_eof_and_errors_wake_it) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto t = create_task(r.read(1));
        co_await sleep(0s);
        try {
            co_await r.readline();
        } catch (const RuntimeError& e) {
            print("RuntimeError");
            EXPECT_STREQ(e.what(),
                         "readuntil() called while another coroutine is already waiting for incoming data");
        }
        r.set_exception(ConnectionResetError(ECONNRESET, "gone"));
        try {
            co_await t;
        } catch (const ConnectionResetError& e) {
            print(std::string(e.what()).substr(0, 4));
        }
        try {
            co_await r.read(1);
        } catch (const ConnectionResetError& e) {
            print(std::string(e.what()).substr(0, 4));
        }
        StreamReader q;
        q.feed_data("a\nb\nc");
        q.feed_eof();
        std::string lines;
        while (auto line = co_await q.next_line()) lines += (lines.empty() ? "" : ", ") + b(*line);
        print("[" + lines + "]");
    });
    expect(
        "RuntimeError\n"
        "gone\n"
        "gone\n"
        "[b'a\n', b'b\n', b'c']\n");
}

// Prints what a reader asks of its transport.
class PrintingTransport final : public ReadTransport {
public:
    explicit PrintingTransport(Trace& trace) : print_(trace) { add_ref(); }
    void pause_reading() override { print_("pause"); }
    void resume_reading() override { print_("resume"); }
    bool is_reading() const noexcept override { return true; }
    void close() override {}
    std::any get_extra_info(std::string_view) const override { return {}; }
    void set_protocol(std::shared_ptr<BaseProtocol>) override {}
    std::shared_ptr<BaseProtocol> get_protocol() const override { return nullptr; }
    std::string repr() const override { return "<PrintingTransport>"; }
    ~PrintingTransport() override = default;

private:
    Trace& print_;
};

TEST_F(Conformance, S121_reading_pauses_above_twice_the_limit_and_resumes_at_the_limit) {
    PrintingTransport transport(print);
    run([&]() -> Coro<> {
        StreamReader r(10);
        r.set_transport(transport);
        r.feed_data(std::string(20, 'x'));
        print("at 20");
        r.feed_data("x");
        print("at 21");
        co_await r.readexactly(10);
        print("at 11");
        co_await r.readexactly(1);
        print("at 10");
    });
    expect(
        "at 20\n"
        "pause\n"
        "at 21\n"
        "at 11\n"
        "resume\n"
        "at 10\n");
}

}  // namespace
}  // namespace aio::tests
