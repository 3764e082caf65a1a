// SPDX-License-Identifier: MIT
// Waiting for children and pipes, cancelled at every point: no child is left, no output lost.
#include <support/children.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>
#include <aio/pipe.hpp>

#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// A child that outlives a closed loop ends because its pipes are closed.
struct UsesAChild : Scenario {
    Process child;
    Coro<> prepare() override {
        child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
    }
    Coro<> finish() override {
        child.stdin().close();
        const Output output = co_await child.communicate();
        left = output.out;
        child = Process();
        co_await until([] { return !has_children(); });  // if its loop is closed a thread reaps it
    }
    std::string taken;
    std::string left;
};

struct CommunicatesWithChild : UsesAChild {
    Coro<> subject() override {
        const Output output = co_await child.communicate("text");
        taken = output.out;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_TRUE(taken + left == "text" || (outcome.cancels > 0 && left.empty()));
    }
};
TEST(SubprocessInjection, Communicate) { inject<CommunicatesWithChild>(2); }

struct WaitsForChild : UsesAChild {
    Coro<> others() override {
        co_await sleep(std::chrono::seconds(1));
        child.stdin().close();
    }
    Coro<> subject() override {
        const int code = co_await child.wait();
        EXPECT_EQ(code, 0);
    }
};
TEST(SubprocessInjection, Wait) { inject<WaitsForChild>(2); }

struct ScopeOfAChild : Scenario {
    Coro<> subject() override {
        auto child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        co_await async_with(child, [](Process inside) -> Coro<> {
            inside.stdin().write("text\n");
            const std::string line = co_await inside.stdout().readline();
            EXPECT_EQ(line, "text\n");
        });
        ended = true;
    }
    Coro<> finish() override {
        co_await until([] { return !has_children(); });
    }
    bool ended = false;
};
TEST(SubprocessInjection, AsyncWith) { inject<ScopeOfAChild>(2); }

struct TellsOfTheEnd : SubprocessProtocol {
    void process_exited() override {
        if (!exited.done()) exited.set_result();
    }
    Future<> exited = get_running_loop().create_future<>();
};

struct ChildHasAProtocol : Scenario {
    Coro<> subject() override {
        auto made = co_await subprocess_exec([] { return std::make_shared<TellsOfTheEnd>(); }, "cat");
        made.first->get_pipe_transport(0)->close();
        co_await made.second->exited;
    }
    // A child that nobody has kept was killed; one that was started by itself ends with its input.
    Coro<> finish() override {
        co_await until([] { return !has_children() && get_running_loop().stats().descriptors == 0; });
    }
};
TEST(SubprocessInjection, Protocol) { inject<ChildHasAProtocol>(2); }

struct ConnectsTwoPipes : Scenario {
    Coro<> subject() override {
        Pipe pipe;
        const StreamReader reader;
        auto input = co_await connect_read_pipe(
            [&reader] { return std::make_shared<StreamReaderProtocol>(reader); }, pipe.take_reading());
        try {
            auto output =
                co_await connect_write_pipe([] { return std::make_shared<Protocol>(); }, pipe.take_writing());
            output.first->write("text");
            output.first->close();
            const std::string text = co_await reader.read();
            EXPECT_EQ(text, "text");
        } catch (...) {
            input.first->close();
            throw;
        }
    }
};
TEST(PipeInjection, Connect) { inject<ConnectsTwoPipes>(4); }

}  // namespace
}  // namespace aio::tests
