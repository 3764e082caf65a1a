// SPDX-License-Identifier: MIT
// Shutdown hooks of run() that are cancelled, fail and come back, wherever that happens.
#include <aio/aio.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <compose/run_hooks_support.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Hook;
using tests::Trace;

struct RunShutdownEnds : tests::RunShutdown {
    // A hook of several awaits, with a clean-up that awaits as well.
    Coro<> drains() {
        trace("begins");
        try {
            co_await sleep(0s);
            co_await end_after(1s, "inner");
            co_await create_task(sleep(1s));
        } catch (const CancelledError&) {
            trace("cleans up");
            throw;
        }
        co_await sleep(0s);
        trace("ends");
        drained = true;
    }
    // Cancels the hook that runs first, `turns` iterations after `time`, and so again if it is not the last
    // time.
    void cancel_first(EventLoop& loop, Duration time, int turns, int times) {
        loop.call_later(time, [this, &loop, turns, times] { after_turns(loop, turns, turns, times); });
    }
    void after_turns(EventLoop& loop, int left, int turns, int times) {
        if (left > 0) {
            loop.call_soon([=, this, &loop] { after_turns(loop, left - 1, turns, times); });
            return;
        }
        for (const AnyTask& task : all_tasks(loop)) {
            if (!first && !drained && task.get_name() == "shutdown hook") first = task;
        }
        if (first) first->cancel();
        if (times > 1) after_turns(loop, turns, turns, times - 1);
    }
    std::optional<AnyTask> first;
    bool drained = false;
    std::string tail(std::size_t count) const {
        std::string text;
        const auto& lines = trace.lines();
        for (std::size_t i = lines.size() - std::min(count, lines.size()); i < lines.size(); ++i)
            text += lines[i] + ". ";
        return text;
    }
};

TEST_F(RunShutdownEnds, CancelledAtAnyPointTheNextOneIsCalled) {
    std::set<std::string> ways;
    for (int point = 0; point < 3 * 6 * 2; ++point) {
        trace.clear();
        first = std::nullopt;
        drained = false;
        Hook last(ends(5s, "last"));
        Hook drain([this] { return drains(); });
        auto main = [&]() -> Coro<int> {
            create_task(end_after(24h, "task"));
            last.add_to(get_running_loop(), false);
            drain.add_to(get_running_loop(), false);
            cancel_first(get_running_loop(), point % 3 * 1s, point / 3 % 6, 1 + point / 18);
            co_return 7;
        };
        EXPECT_EQ(run(options(), main), 7);
        EXPECT_EQ(tail(3), "last begins. last ends. task cancelled. ") << point << ": " << trace.joined();
        EXPECT_EQ(trace.joined().find("exception"), std::string::npos) << point << ": " << trace.joined();
        ways.insert(trace.joined());
    }
    EXPECT_GE(ways.size(), 5u) << "the cancellations come at different points";
}

TEST_F(RunShutdownEnds, OneThatThrowsBeforeItIsACoroutineIsAsAnother) {
    struct Throws final : detail::ShutdownHook {
        static Coro<> nothing() { co_return; }
        explicit Throws(std::function<void()> thrower) : thrower_(std::move(thrower)) {}
        Coro<> shutdown() override {
            thrower_();
            return nothing();
        }
        std::function<void()> thrower_;
    };
    Hook first(ends(1s, "first"));
    Throws error([] { throw ValueError("at once"); });
    Throws cancelled([] { throw CancelledError(); });
    Throws foreign([] { throw std::runtime_error("foreign"); });
    auto main = [&]() -> Coro<> {
        first.add_to(get_running_loop(), false);
        error.add_to(get_running_loop(), false);
        cancelled.add_to(get_running_loop(), false);
        foreign.add_to(get_running_loop(), false);
        co_return;
    };
    run(options(), main);
    EXPECT_EQ(trace.joined(),
              "unhandled exception in a shutdown hook of asyncio.run() std::runtime_error: foreign | "
              "unhandled exception in a shutdown hook of asyncio.run() aio::ValueError: at once | "
              "first begins | first ends");
    trace.clear();
    Throws exits([] { throw SystemExit(4); });
    auto other = [&]() -> Coro<> {
        first.add_to(get_running_loop(), false);
        exits.add_to(get_running_loop(), false);
        co_return;
    };
    EXPECT_THROW(run(options(), other), SystemExit);
    EXPECT_TRUE(trace.empty()) << trace.joined();
}

TEST_F(RunShutdownEnds, TheErrorOfOneThatWasTooSlowIsReportedToo) {
    Hook slow([this]() -> Coro<> {
        try {
            co_await sleep(24h);
        } catch (const CancelledError&) {
            trace("slow cancelled");
        }
        throw ValueError("late");
    });
    auto main = [&]() -> Coro<> {
        slow.add_to(get_running_loop(), false);
        co_return;
    };
    run(options().shutdown_timeout(5s), main);
    EXPECT_EQ(
        trace.joined(),
        "shutdown hook did not end within the shutdown timeout of asyncio.run() None | slow cancelled | "
        "unhandled exception during asyncio.run() shutdown aio::ValueError: late");
}

TEST_F(RunShutdownEnds, OneMayRemoveDestroyAndAddOthersAndItself) {
    Hook removed(ends(1s, "removed"));
    auto destroyed = std::make_unique<Hook>(ends(1s, "destroyed"));
    Hook late(ends(1s, "late"));
    std::optional<Hook> hook;
    int calls = 0;
    hook.emplace([&]() -> Coro<> {
        trace("hook", ++calls);
        if (calls > 1) co_return;
        removed.remove();
        destroyed = nullptr;
        hook->add_to(get_running_loop(), false);
        late.add_to(get_running_loop(), false);
        co_await sleep(0s);
        trace("hook ends");
    });
    run(options(), main_with({destroyed.get(), &removed, &*hook}));
    EXPECT_EQ(
        trace.joined(),
        "task begins | main ends | hook 1 | hook ends | late begins | late ends | hook 2 | task cancelled");
}

// The hooks' time is over.
TEST_F(RunShutdownEnds, OneThatACancelledTaskAddsIsNotCalled) {
    Hook late(ends(1s, "late"));
    auto main = [&]() -> Coro<> {
        create_task(
            [](Hook& hook) -> Coro<> {
                const auto slept = co_await as_result(sleep(24h));
                hook.add_to(get_running_loop(), true);
            },
            std::ref(late));
        co_await sleep(1s);
    };
    run(options(), main);
    EXPECT_TRUE(trace.empty()) << trace.joined();
    late.remove();
}

}  // namespace
}  // namespace aio
