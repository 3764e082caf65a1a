// SPDX-License-Identifier: MIT
// Memory runs out: futures, tasks, and what runs them together.
#include <aio/compose/detail/run_hooks.hpp>
#include <allocation/operation.hpp>
#include <support/machine.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

Coro<std::string> gives(Duration after = 0s) {
    const Counted counted;
    co_await sleep(after);
    co_return long_text();
}
Coro<> fails() {
    const Counted counted;
    co_await sleep(0s);
    throw ValueError(long_text());
}

TEST(AllocationTask, CreateAndAwait) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task = create_task(gives());
        const std::string text = co_await task;
        co_return text == long_text();
    });
}
TEST(AllocationTask, CreateFromACallable) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto body = [](const std::string& text, const Counted&) -> Coro<std::size_t> {
            co_await sleep(0s);
            co_return text.size();
        };
        const std::size_t size = co_await create_task(body, long_text(), Counted());
        co_return size == long_text().size();
    });
}
TEST(AllocationTask, CreateWithANameAndAContext) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task =
            create_task(gives(), TaskOptions().name(long_text()).context(copy_context()));
        co_await task;
        co_return task.get_name() == long_text();
    });
}
TEST(AllocationTask, CreateEagerly) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task = create_task(gives(), TaskOptions().eager_start(true));
        co_await task;
        co_return true;
    });
}
TEST(AllocationTask, CreateByAFactory) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        set_task_factory(*scene.loop, [counted = Counted()](EventLoop&, TaskRequest& request) {
            return request.create();
        });
        co_await create_task(gives());
        co_return true;
    });
}
TEST(AllocationTask, CreateInATaskThatNobodyAwaits) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto body = []() -> Coro<> {
            create_task(gives());
            co_await sleep(0s);
        };
        create_task(body);
        for (int i = 0; i < 5; ++i) co_await sleep(0s);
        co_return true;
    });
}
TEST(AllocationTask, Driver) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto lock = std::make_shared<Lock>();
        const Future<int> future = scene.loop->create_future<int>();
        const auto log = [lock, counted = Counted()](const std::string&) {};  // keeps the lock
        const Task<int> task = create_task(machine(*lock, future, log));
        co_await sleep(0s);
        future.set_result(3);
        const int value = co_await task;
        co_return value == 3;
    });
}
TEST(AllocationTask, Cancel) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task = create_task(gives(1h));
        co_await sleep(0s);
        task.cancel(long_text());
        try {
            co_await task;
        } catch (const CancelledError& error) {
            co_return error.message() == long_text();
        }
        co_return false;
    });
}
TEST(AllocationTask, AnErrorThatNobodyLooksAt) {
    out_of_memory([](Scene& scene) {
        scene.loop->create_task(fails());
        scene.run([]() -> Coro<> {
            for (int i = 0; i < 3; ++i) co_await sleep(0s);
        });
    });
}
TEST(AllocationTask, DestroyedPending) {
    out_of_memory([](Scene& scene) {
        const EventLoopPtr loop = new_event_loop();
        loop->set_exception_handler([&scene](EventLoop&, const ExceptionContext&) { ++scene.reports; });
        const auto body = [](Counted, Future<> future) -> Coro<> { co_await future; };
        loop->create_task(body, Counted(), loop->create_future<>());
        loop->stop();
        loop->run_forever();
    });
}
TEST(AllocationTask, Repr) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Task<std::string> task = create_task(gives());
        const std::string text = task.repr();
        co_await task;
        co_return text.size() > 10;
    });
}
TEST(AllocationTask, Generators) {
    out_of_memory([](Scene& scene) {
        const auto counts = [](Counted) -> Generator<int> {
            for (int i = 0; i < 3; ++i) co_yield i;
        };
        int sum = 0;
        for (const int i : counts(Counted())) sum += i;
        scene.complete = sum == 3;
    });
}

// --- futures ---------------------------------------------------------------------------------------

TEST(AllocationFuture, SetAndAwait) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const Future<std::string> future = scene.loop->create_future<std::string>();
        scene.loop->call_soon([future] { future.set_result(long_text()); });
        std::string text;
        try {
            text = co_await wait_for(future, 1h);
        } catch (const TimeoutError&) {  // the callback failed
        }
        co_return text == long_text();
    });
}
TEST(AllocationFuture, DoneCallbacks) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const Future<> future = scene.loop->create_future<>();
        for (int i = 0; i < 3; ++i) {
            future.add_done_callback([&scene, counted = Counted()](const Future<>&) { ++scene.count; });
        }
        future.set_result();
        co_await sleep(0s);
        co_return scene.count == 3;
    });
}
TEST(AllocationFuture, RemoveDoneCallbacks) {
    struct Equal {
        void operator()(const Future<>&) const {}
        bool operator==(const Equal&) const { return true; }
        Counted counted;
    };
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const Future<> future = scene.loop->create_future<>();
        for (int i = 0; i < 3; ++i) future.add_done_callback(Equal());
        const std::size_t removed = future.remove_done_callback(Equal());
        co_return removed == 3;
    });
}
TEST(AllocationFuture, Error) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const Future<> future = scene.loop->create_future<>();
        future.set_exception(ValueError(long_text()));
        try {
            co_await future;
        } catch (const ValueError&) {
            co_return true;
        }
        co_return false;
    });
}

// --- compose ---------------------------------------------------------------------------------------

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
TEST(AllocationCompose, RunWithAHookAtItsEnd) {
    struct Hook final : aio::detail::ShutdownHook {
        Coro<> shutdown() override {
            const Counted counted;
            co_await sleep(0s);
        }
    };
    out_of_memory([](Scene& scene) {
        Hook hook;
        const auto body = [](Hook& added) -> Coro<bool> {
            added.add_to(get_running_loop(), true);
            co_await sleep(0s);
            co_return true;
        };
        scene.complete = run(body, std::ref(hook));
    });
}

}  // namespace
}  // namespace aio::tests
