// SPDX-License-Identifier: MIT
// Memory runs out: futures and tasks.
#include <allocation/operation.hpp>
#include <support/machine.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

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

}  // namespace
}  // namespace aio::tests
