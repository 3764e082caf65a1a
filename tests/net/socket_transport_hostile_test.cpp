// SPDX-License-Identifier: MIT
// Callbacks that call back into the transport that called them: every callback, every call.
#include <net/socket_transport_support.hpp>

#include <unistd.h>
#include <vector>

namespace aio::tests {
namespace {

struct Call {
    const char* name;
    std::function<void(Transport&)> make;
};

const std::vector<Call>& calls() {
    static const std::vector<Call> all{
        {"nothing", [](Transport&) {}},
        {"close", [](Transport& t) { t.close(); }},
        {"abort", [](Transport& t) { t.abort(); }},
        {"close, abort",
         [](Transport& t) {
             t.close();
             t.abort();
         }},
        {"write", [](Transport& t) { t.write("again"); }},
        {"write much", [](Transport& t) { t.write(std::string(300'000, 'y')); }},
        {"write lines", [](Transport& t) { t.writelines(std::vector<std::string>{"a", "", "b"}); }},
        {"write, close",
         [](Transport& t) {
             t.write(std::string(300'000, 'y'));
             t.close();
         }},
        {"write, abort",
         [](Transport& t) {
             t.write(std::string(300'000, 'y'));
             t.abort();
         }},
        {"end writing", [](Transport& t) { t.write_eof(); }},
        {"limits",
         [](Transport& t) {
             t.set_write_buffer_limits(0);
             t.set_write_buffer_limits(1'000'000);
         }},
        {"pause", [](Transport& t) { t.pause_reading(); }},
        {"pause, resume",
         [](Transport& t) {
             t.pause_reading();
             t.resume_reading();
         }},
        {"break", [](Transport& t) { ::shutdown(t.fd(), SHUT_RDWR); }},
        {"throw", [](Transport&) { throw ValueError("no"); }},
        {"abort, throw",
         [](Transport& t) {
             t.abort();
             throw ValueError("no");
         }},
    };
    return all;
}

class HostileCallbacks : public SocketTransportTest {
protected:
    // A connection in which every callback is called, unless an earlier call ended it: `at` makes the call.
    Coro<> live(const Call& call, const std::string& at) {
        int left = 3;  // one that writes whenever it may never ends
        const auto hostile = [&](const char* callback, Transport& transport) {
            if (at == callback && left-- > 0) call.make(transport);
        };
        const Ref<Transport> transport = connect(kSmallBuffer);
        Transport& t = *transport;
        protocol->keep_open = true;
        protocol->on_made = [&](Transport&) { hostile("made", t); };
        protocol->on_data = [&](BytesView) { hostile("data", t); };
        protocol->on_eof = [&] { hostile("eof", t); };
        protocol->on_pause = [&] { hostile("pause", t); };
        protocol->on_resume = [&] { hostile("resume", t); };
        protocol->on_lost = [&] { hostile("lost", t); };
        co_await turns(2);
        ::send(peer.fileno(), "x", 1, MSG_NOSIGNAL);
        for (int i = 0; i < 5; ++i) {
            if (const int fd = t.fd(); fd >= 0 && !t.is_closing()) {
                try {
                    t.write(std::string(300'000, 'x'));
                } catch (const RuntimeError&) {  // after write_eof()
                }
            }
            read_all(peer.fileno());
            co_await sleep(0s);
        }
        t.resume_reading();
        ::shutdown(peer.fileno(), SHUT_WR);
        for (int i = 0; i < 20; ++i) {
            read_all(peer.fileno());
            co_await sleep(0s);
        }
        t.close();
        while (t.fd() >= 0) {
            read_all(peer.fileno());
            co_await sleep(0s);
        }
        co_await turns(2);
    }

    // "made" first and once, "lost" last and once, pause and resume in turn.
    void check_order() {
        const std::vector<std::string>& lines = print.lines();
        ASSERT_GE(lines.size(), 2U);
        EXPECT_EQ(lines.front(), "made");
        EXPECT_EQ(lines.back().substr(0, 4), "lost");
        bool paused = false;
        for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
            EXPECT_TRUE(lines[i] == "eof" || lines[i] == (paused ? "resume" : "pause")) << lines[i];
            if (lines[i] != "eof") paused = !paused;
        }
    }
};

TEST_F(HostileCallbacks, MayCallTheTransport) {
    for (const std::string at : {"made", "data", "eof", "pause", "resume", "lost"}) {
        for (const Call& call : calls()) {
            SCOPED_TRACE(at + ": " + call.name);
            print.clear();
            protocol = std::make_shared<Recorder>(print);
            run([&]() -> Coro<> { co_await live(call, at); });
            check_order();
            protocol->transport = nullptr;
            EXPECT_EQ(protocol.use_count(), 1);
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    }
}

// The exception handler is called while the connection is about to end.
TEST_F(HostileCallbacks, ReportsMayCallTheTransport) {
    for (const Call& call : calls()) {
        SCOPED_TRACE(call.name);
        protocol = std::make_shared<Recorder>(print);
        run([&]() -> Coro<> {
            int calls = 0;
            const auto transport = connect();
            co_await turns(2);
            protocol->on_data = [](BytesView) { throw ValueError("no"); };
            loop().set_exception_handler([&](EventLoop&, const ExceptionContext&) {
                if (++calls < 10) call.make(*transport);
            });
            write_text(peer.fileno(), "x");
            co_await until_lost();
            EXPECT_EQ(calls, 1);
            loop().set_exception_handler(nullptr);
            protocol->transport = nullptr;
        });
    }
}

// Each write to what has come in the socket's place fails with an error that is reported.
TEST_F(HostileCallbacks, AWriteFromTheReportOfAFailedWrite) {
    run([&]() -> Coro<> {
        int calls = 0;
        const auto transport = connect();
        co_await turns(2);
        loop().set_exception_handler([&](EventLoop&, const ExceptionContext&) {
            if (++calls < 10) transport->write("again");
        });
        const Socket datagrams(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
        ::dup2(datagrams.fileno(), transport->fd());
        transport->write("x");
        EXPECT_EQ(calls, 1);
        co_await until_lost();
        EXPECT_EQ(calls, 1);
        loop().set_exception_handler(nullptr);
    });
}

}  // namespace
}  // namespace aio::tests
