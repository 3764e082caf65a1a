// SPDX-License-Identifier: MIT
// Memory runs out: what runs tasks together, and run().
#include <aio/compose/detail/run_hooks.hpp>
#include <allocation/operation.hpp>

#include <gtest/gtest.h>
#include <csignal>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

TEST(AllocationCompose, Gather) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        auto [first, second, third] = co_await gather(gives(), gives(1s), sleep(2s));
        (void)third;
        co_return first == second;
    });
}
TEST(AllocationCompose, GatherOfARange) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        std::vector<Coro<std::string>> all;
        for (int i = 0; i < 3; ++i) all.push_back(gives());
        const std::vector<std::string> texts = co_await gather(std::move(all));
        co_return texts.size() == 3;
    });
}
TEST(AllocationCompose, GatherOfErrors) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto results = co_await gather(return_exceptions, fails(), gives());
        scene.told = std::get<1>(results).exception() != nullptr;
        co_return !std::get<0>(results) && std::get<1>(results);
    });
}
TEST(AllocationCompose, GatherTwice) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task = create_task(gives());
        const Task<std::string> done = create_task(gives());
        co_await done;
        auto results = co_await gather(task, task, done, done);
        co_return std::get<0>(results) == std::get<1>(results);
    });
}
TEST(AllocationCompose, GatherCancelled) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        auto outer = gather(gives(1h), gives(1h));
        co_await sleep(0s);
        outer.cancel();
        try {
            co_await outer;
        } catch (const CancelledError&) {
            co_return true;
        }
        co_return false;
    });
}
TEST(AllocationCompose, Wait) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        std::vector<Task<std::string>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(create_task(gives(i * 1s)));
        auto first = co_await wait(tasks, WaitOptions().return_when(ReturnWhen::first_completed));
        auto rest = co_await wait(tasks, WaitOptions().timeout(1min));
        co_return first.done.size() == 1 && rest.done.size() == 3;
    });
}
TEST(AllocationCompose, WaitFor) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        co_await wait_for(gives(), 1h);
        try {
            co_await wait_for(gives(1h), 1s);
        } catch (const TimeoutError&) {
        }
        try {
            co_await wait_for(create_task(gives(1h)), 0s);
        } catch (const TimeoutError&) {
            co_return true;
        }
        co_return false;
    });
}
TEST(AllocationCompose, Timeout) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto body = [](std::string, Counted) -> Coro<> { co_await sleep(1h); };
        try {
            co_await async_with(timeout(1s), body, long_text(), Counted());
        } catch (const TimeoutError&) {
            co_return true;
        }
        co_return false;
    });
}
TEST(AllocationCompose, Shield) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const std::string text = co_await shield(gives());
        auto outer = shield(fails());
        co_await sleep(0s);
        outer.cancel();
        for (int i = 0; i < 4; ++i) co_await sleep(0s);
        co_return text == long_text();
    });
}
TEST(AllocationCompose, TaskGroup) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto body = [](TaskGroup& group, Scene& told) -> Coro<> {
            const Task<std::string> first = group.create_task(gives());
            group.create_task(gives(1s));
            co_await sleep(0s);
            told.count = 1;
        };
        try {
            co_await async_with(TaskGroup(), body, std::ref(scene));
        } catch (const ExceptionGroup&) {
            scene.told = true;
        } catch (const BaseExceptionGroup&) {
            scene.told = true;
        }
        co_return scene.count == 1;
    });
}
TEST(AllocationCompose, TaskGroupOfErrors) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto body = [](TaskGroup& group) -> Coro<> {
            group.create_task(fails());
            group.create_task(gives(1h));
            co_await sleep(1h);
        };
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const ExceptionGroup&) {
            scene.told = true;
        }
        co_return scene.told;
    });
}
TEST(AllocationCompose, AsCompleted) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        std::vector<Task<std::string>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(create_task(gives(i * 1s)));
        int count = 0;
        auto completed = as_completed(tasks, 1h);
        while (auto done = co_await completed.next()) {
            done->result();
            ++count;
        }
        co_return count == 3;
    });
}
TEST(AllocationCompose, ExitStack) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto body = [](AsyncExitStack& stack, Scene& told) -> Coro<> {
            stack.callback([&told, counted = Counted()] { ++told.count; });
            stack.push_async_callback(gives, 0s);
            co_await sleep(0s);
        };
        co_await async_with(AsyncExitStack(), body, std::ref(scene));
        co_return scene.count == 1;
    });
}
AsyncGenerator<std::string> generates(Counted) {
    const Counted counted;
    for (int i = 0; i < 3; ++i) {
        co_await sleep(0s);
        co_yield long_text();
    }
}
TEST(AllocationCompose, AsyncGenerator) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        int count = 0;
        auto generator = generates(Counted());
        while (auto item = co_await generator.next()) ++count;
        co_return count == 3;
    });
}
TEST(AllocationCompose, AsyncGeneratorClosed) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        auto generator = generates(Counted());
        co_await generator.next();
        co_await generator.aclose();
        co_return true;
    });
}
TEST(AllocationCompose, AsyncGeneratorDropped) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        {
            auto generator = generates(Counted());
            co_await generator.next();
        }
        co_await sleep(0s);
        co_await sleep(0s);
        co_await shutdown_asyncgens();
        co_return true;
    });
}
TEST(AllocationCompose, Run) {
    out_of_memory([](Scene& scene) {
        const auto body = []() -> Coro<bool> {
            create_task(gives(1h));
            auto generator = generates(Counted());
            co_await generator.next();
            co_return true;
        };
        scene.complete = run(body);
    });
}
struct SleepingHook final : aio::detail::ShutdownHook {
    Coro<> shutdown() override {
        const Counted counted;
        co_await sleep(0s);
    }
};
TEST(AllocationCompose, RunWithAHookAtItsEnd) {
    out_of_memory([](Scene& scene) {
        SleepingHook hook;
        const auto body = [](SleepingHook& added) -> Coro<bool> {
            added.add_to(get_running_loop(), true);
            co_await sleep(0s);
            co_return true;
        };
        scene.complete = run(body, std::ref(hook));
    });
}
TEST(AllocationCompose, AHookThatCouldNotBeAddedMayBeAddedAgain) {
    if (!testing::FailingAllocation::available()) GTEST_SKIP() << "the sanitizer has its own operator new";
    const auto handles_sigterm = [] {
        struct sigaction action{};
        ::sigaction(SIGTERM, nullptr, &action);
        return action.sa_handler != SIG_DFL;
    };
    // Gives whether there was memory for it.
    const auto added = [](SleepingHook& hook, EventLoop& loop, std::size_t nth) {
        const testing::FailingAllocation failing(nth);
        try {
            hook.add_to(loop, true);
        } catch (const std::bad_alloc&) {
        }
        return !failing.failed();
    };
    const auto body = [&]() -> Coro<> {
        SleepingHook hook;
        std::size_t nth = 1;
        while (!added(hook, get_running_loop(), nth)) {
            EXPECT_FALSE(handles_sigterm()) << nth;
            ++nth;
        }
        EXPECT_GE(nth, 3u);
        EXPECT_TRUE(handles_sigterm());
        hook.remove();
        EXPECT_FALSE(handles_sigterm());
        co_return;
    };
    run(body);
}

}  // namespace
}  // namespace aio::tests
