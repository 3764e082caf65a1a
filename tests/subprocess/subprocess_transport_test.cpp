// SPDX-License-Identifier: MIT
#include <support/children.hpp>
#include <support/trace.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

struct Teller final : SubprocessProtocol {
    explicit Teller(Trace& trace) : print(trace) {}
    void connection_made(SubprocessTransport& made) override {
        print("made");
        transport = Ref<SubprocessTransport>(&made);
        if (on_made) on_made();
    }
    void pipe_data_received(int fd, BytesView data) override {
        received[fd] += data.text();
        if (on_data) on_data();
    }
    void pipe_connection_lost(int fd, std::exception_ptr error) override {
        print("pipe", fd, error_name(error));
    }
    void process_exited() override {
        print("exited");
        exited = true;
        if (on_exited) on_exited();
    }
    void connection_lost(std::exception_ptr error) override {
        print("lost", error_name(error));
        transport = nullptr;
        lost = true;
    }
    void pause_writing() override { print("pause"); }
    void resume_writing() override { print("resume"); }

    Trace& print;
    Ref<SubprocessTransport> transport;
    std::string received[3];
    bool exited = false;
    bool lost = false;
    std::function<void()> on_made;
    std::function<void()> on_data;
    std::function<void()> on_exited;
};

class SubprocessTransportTest : public Children {
protected:
    Trace print;
    std::shared_ptr<Teller> protocol = std::make_shared<Teller>(print);
    auto factory() {
        return [this] { return protocol; };
    }
    Coro<> until_lost() {
        return until([this] { return protocol->lost; });
    }
};

TEST_F(SubprocessTransportTest, FeedsAndHearsItsChild) {
    run([&]() -> Coro<> {
        auto made = co_await subprocess_exec(factory(), "cat");
        EXPECT_EQ(made.second, protocol);
        SubprocessTransport& transport = *made.first;
        EXPECT_EQ(print.joined(), "made");
        EXPECT_GT(transport.get_pid(), 0);
        EXPECT_EQ(transport.get_extra_info("subprocess", 0), transport.get_pid());
        EXPECT_EQ(transport.get_returncode(), std::nullopt);
        EXPECT_EQ(transport.get_pipe_transport(3), nullptr);
        EXPECT_EQ(transport.repr(),
                  "<SubprocessTransport open pid=" + std::to_string(transport.get_pid()) + " running>");
        transport.get_pipe_transport(0)->write("text");
        co_await until([&] { return protocol->received[1] == "text"; });
        transport.get_pipe_transport(0)->close();
        co_await until_lost();
        EXPECT_EQ(transport.get_returncode(), 0);
        EXPECT_TRUE(transport.repr().starts_with("<SubprocessTransport closed"));
        EXPECT_THROW(transport.kill(), ProcessLookupError);
        transport.close();
    });
    EXPECT_EQ(print.lines().back(), "lost None");
}

TEST_F(SubprocessTransportTest, OnlyWhatIsAPipeHasATransport) {
    run([&]() -> Coro<> {
        auto made = co_await subprocess_shell(factory(), "echo out; echo err >&2",
                                              Options().stdin(DEVNULL).stderr(STDOUT));
        EXPECT_EQ(made.first->get_pipe_transport(0), nullptr);
        EXPECT_NE(made.first->get_pipe_transport(1), nullptr);
        EXPECT_EQ(made.first->get_pipe_transport(2), nullptr);
        co_await until_lost();
        EXPECT_EQ(protocol->received[1], "out\nerr\n");
    });
}

TEST_F(SubprocessTransportTest, CloseKillsOneThatRuns) {
    run([&]() -> Coro<> {
        auto made = co_await subprocess_exec(factory(), "sleep", "999");
        made.first->close();
        made.first->close();
        EXPECT_TRUE(made.first->is_closing());
        co_await until_lost();
        EXPECT_EQ(made.first->get_returncode(), -SIGKILL);
    });
}

TEST_F(SubprocessTransportTest, SignalsReachIt) {
    run([&]() -> Coro<> {
        auto made = co_await subprocess_exec(factory(), "sleep", "999");
        made.first->terminate();
        co_await until_lost();
        EXPECT_EQ(made.first->get_returncode(), -SIGTERM);
    });
}

TEST_F(SubprocessTransportTest, FlowControlIsThatOfItsInput) {
    run([&]() -> Coro<> {
        auto made = co_await subprocess_shell(factory(), "read line; cat >/dev/null");
        made.first->get_pipe_transport(0)->write(std::string(1'000'000, 'x') + "\n");
        co_await until([&] { return print.joined() == "made | pause | resume"; });
        made.first->get_pipe_transport(0)->close();
        co_await until_lost();
    });
}

TEST_F(SubprocessTransportTest, ClosedInAnyCallback) {
    for (const int where : {0, 1, 2}) {
        protocol = std::make_shared<Teller>(print);
        auto close = [this] { protocol->transport->close(); };
        if (where == 0) protocol->on_made = close;
        if (where == 1) protocol->on_data = close;
        if (where == 2) protocol->on_exited = close;
        run([&]() -> Coro<> {
            co_await subprocess_shell(factory(), where == 1 ? "echo text; sleep 999" : "exit 3");
            co_await until_lost();
            co_await until([] { return !has_children(); });
        });
    }
}

TEST_F(SubprocessTransportTest, RefusesOtherProtocolsAndPrograms) {
    run([&]() -> Coro<> {
        try {
            co_await subprocess_exec(factory(), "/no/such/program");
            ADD_FAILURE();
        } catch (const FileNotFoundError&) {
        }
        auto made = co_await subprocess_exec(factory(), "cat");
        EXPECT_THROW(made.first->set_protocol(std::make_shared<Protocol>()), TypeError);
        const auto next = std::make_shared<Teller>(print);
        made.first->set_protocol(next);
        made.first->get_pipe_transport(0)->close();
        co_await until([&] { return next->lost; });
        EXPECT_TRUE(next->exited);
        protocol->transport = nullptr;
    });
}

struct Failing final : SubprocessProtocol {
    void pipe_connection_lost(int, std::exception_ptr) override { throw ValueError("from the pipe"); }
    void process_exited() override { throw ValueError("from the exit"); }
    void connection_lost(std::exception_ptr) override { lost = true; }
    bool lost = false;
};

class SubprocessReports : public ::testing::Test, public aio::testing::LoopTest {};

TEST_F(SubprocessReports, ErrorsOfCallbacksAreReportedAndKeepNothingFromItsEnd) {
    run([]() -> Coro<> {
        auto made = co_await subprocess_exec([] { return std::make_shared<Failing>(); }, "true");
        co_await until([&] { return made.second->lost; });
    });
    int exits = 0;
    for (const std::string& report : reports()) {
        if (report.starts_with("Fatal error: protocol.process_exited() call failed.")) ++exits;
    }
    EXPECT_EQ(exits, 1);
    EXPECT_EQ(reports().size(), 4U);
}

// The loop closes over it: nothing more is called, and the child is left alone.
TEST_F(SubprocessReports, ALoopThatClosesEndsIt_Thread) {
    Pipe pipe;
    make_blocking(pipe.reading);
    Trace print;
    const auto protocol = std::make_shared<Teller>(print);
    {
        Runner runner;
        const auto body = [&]() -> Coro<> {
            co_await subprocess_exec([&] { return protocol; }, Options().stdin(pipe.reading.fd), "cat");
        };
        runner.run(body());
    }
    EXPECT_EQ(print.joined(), "made");
    EXPECT_TRUE(has_children());
    protocol->transport->close();
    protocol->transport = nullptr;
    pipe.writing.close();
    while (has_children()) std::this_thread::yield();
}

}  // namespace
}  // namespace aio::tests
