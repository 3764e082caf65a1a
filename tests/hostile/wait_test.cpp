// SPDX-License-Identifier: MIT
// Coroutines that strike when they are unwound out of whatever a task can wait for.
#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kAll = has::future | has::sync;

// `wait` is called once: it gives what to wait for.
template <class F>
Coro<> waiting(World& w, Hostile hostile, F wait) {
    const Hostile local(std::move(hostile));
    co_await wait(w);
}

// A task that waits, and is then cancelled, destroyed with its loop, or goes on.
template <class F>
void unwound_from(F wait) {
    const auto begin = [wait](World& w) {
        w.future = w.loop->create_future<>();
        w.task = w.loop->create_task(waiting(w, Hostile(w), wait));
        w.turns(4);
    };
    everything(kAll, [&](World& w) {
        begin(w);
        w.task.cancel();
        w.turns(6);
    });
    everything(kAll, [&](World& w) {
        begin(w);
        w.loop->close();
    });
    everything(kAll, [&](World& w) {
        begin(w);
        w.drop();
        w.loop = nullptr;
    });
    everything(kAll, [&](World& w) {
        begin(w);
        if (!w.future.done()) w.future.set_result();
        w.event.set();
        w.turns(6);
        if (w.task) w.task.cancel();
        w.turns(6);
    });
}

TEST(HostileWait, Sleep) {
    unwound_from([](World&) { return sleep(1h); });
}
TEST(HostileWait, Future) {
    unwound_from([](World& w) { return w.future; });
}
TEST(HostileWait, Task) {
    unwound_from([](World& w) {
        const auto inner = [](World& world) -> Coro<> { co_await world.future; };
        return create_task(inner, std::ref(w));
    });
}
TEST(HostileWait, InnerCoroutine) {
    unwound_from(
        [](World& w) { return waiting(w, Hostile(w, "inner"), [](World& world) { return world.future; }); });
}
TEST(HostileWait, Event) {
    unwound_from([](World& w) { return w.event.wait(); });
}
TEST(HostileWait, Lock) {
    const auto body = [](World& w) -> Coro<> {
        co_await w.lock.acquire();
        co_await w.lock.acquire();
    };
    unwound_from(body);
}
TEST(HostileWait, LockGuard) {
    const auto body = [](World& w) -> Coro<> {
        const auto guard = co_await w.lock.guard();
        co_await w.future;
    };
    unwound_from(body);
}
TEST(HostileWait, Get) {
    const auto body = [](World& w) -> Coro<> { co_await w.queue.get(); };
    unwound_from(body);
}
TEST(HostileWait, Put) {
    const auto body = [](World& w) -> Coro<> {
        for (int i = 0; i < 3; ++i) co_await w.queue.put(i);
    };
    unwound_from(body);
}
TEST(HostileWait, Condition) {
    const auto body = [](World& w) -> Coro<> {
        Condition condition(w.lock);
        const auto guard = co_await condition.guard();
        co_await condition.wait();
    };
    unwound_from(body);
}
TEST(HostileWait, Semaphore) {
    const auto body = [](World&) -> Coro<> {
        Semaphore semaphore(0);
        co_await semaphore.acquire();
    };
    unwound_from(body);
}
TEST(HostileWait, Barrier) {
    const auto body = [](World&) -> Coro<> {
        Barrier barrier(2);
        co_await barrier.wait();
    };
    unwound_from(body);
}
TEST(HostileWait, Select) {
    const auto body = [](World& w) -> Coro<> { co_await select(w.event.wait(), w.queue.get(), w.future); };
    unwound_from(body);
}

// --- what runs things together ---------------------------------------------------------------------

TEST(HostileWait, Gather) {
    const auto body = [](World& w) -> Coro<> {
        co_await gather(w.future,
                        waiting(w, Hostile(w, "child"), [](World& world) { return world.event.wait(); }),
                        sleep(0s));
    };
    unwound_from(body);
}
TEST(HostileWait, GatherOfFailures) {
    const auto body = [](World& w) -> Coro<> {
        const auto fails = [](World& world) -> Coro<> {
            co_await world.future;
            throw ValueError("child");
        };
        co_await gather(return_exceptions, fails(w), w.future);
    };
    unwound_from(body);
}
TEST(HostileWait, WaitForAll) {
    const auto body = [](World& w) -> Coro<> {
        std::vector<AnyFuture> all{w.future, create_task(w.event.wait()), create_task(sleep(0s))};
        co_await wait(all);
    };
    unwound_from(body);
}
TEST(HostileWait, WaitFor) {
    unwound_from([](World& w) { return wait_for(w.future, 1h); });
}
TEST(HostileWait, WaitForNoTime) {
    const auto body = [](World& w) -> Coro<> {
        const auto stubborn = [](World& world) -> Coro<> {
            try {
                co_await world.future;
            } catch (const CancelledError&) {  // swallowed
            }
            co_await world.event.wait();
        };
        const Task<> task = create_task(stubborn, std::ref(w));
        co_await sleep(0s);
        co_await wait_for(task, 0s);
    };
    unwound_from(body);
}
TEST(HostileWait, Timeout) {
    const auto body = [](World& w) -> Coro<> {
        const auto inside = [](World& world) -> Coro<> { co_await world.future; };
        co_await async_with(timeout(1h), inside, std::ref(w));
    };
    unwound_from(body);
}
TEST(HostileWait, Shield) {
    const auto body = [](World& w) -> Coro<> {
        co_await shield(waiting(w, Hostile(w, "inner"), [](World& world) { return world.future; }));
    };
    unwound_from(body);
}
TEST(HostileWait, TaskGroup) {
    const auto body = [](World& w) -> Coro<> {
        const auto inside = [](TaskGroup& group, World& world) -> Coro<> {
            group.create_task(waiting(world, Hostile(world, "child"), [](World& v) { return v.future; }));
            group.create_task(world.event.wait());
            co_await sleep(0s);
        };
        co_await async_with(TaskGroup(), inside, std::ref(w));
    };
    unwound_from(body);
}
TEST(HostileWait, AsCompleted) {
    const auto body = [](World& w) -> Coro<> {
        std::vector<Task<>> tasks;
        tasks.push_back(
            create_task(waiting(w, Hostile(w, "child"), [](World& world) { return world.future; })));
        tasks.push_back(create_task(sleep(1h)));
        auto completed = as_completed(tasks);
        while (auto done = co_await completed.next()) done->state();
    };
    unwound_from(body);
}
TEST(HostileWait, ExitStack) {
    const auto body = [](World& w) -> Coro<> {
        const auto inside = [](AsyncExitStack& stack, World& world) -> Coro<> {
            stack.callback([&world] { world.event.set(); });
            co_await world.future;
        };
        co_await async_with(AsyncExitStack(), inside, std::ref(w));
    };
    unwound_from(body);
}
TEST(HostileWait, AsyncGenerator) {
    const auto body = [](World& w) -> Coro<> {
        const auto items = [](World& world, Hostile hostile) -> AsyncGenerator<int> {
            const Hostile local(std::move(hostile));
            co_yield 1;
            co_await world.future;
            co_yield 2;
        };
        auto generator = items(w, Hostile(w, "generator"));
        while (auto item = co_await generator.next()) (void)item;
    };
    unwound_from(body);
}

// --- async generators that are left alone ----------------------------------------------------------

AsyncGenerator<int> counts(Hostile hostile) {
    const Hostile local(std::move(hostile));
    for (int i = 0;; ++i) co_yield i;
}
AsyncGenerator<int> cleans_up(World& w) {
    std::exception_ptr closed;
    try {
        co_yield 1;
    } catch (const GeneratorExit&) {
        closed = std::current_exception();
    }
    w.strike("clean-up", 1);
    co_await sleep(0s);
    if (closed) std::rethrow_exception(closed);
}

// Takes one item, then leaves the generator in the world.
Coro<> begin(World& w, AsyncGenerator<int> generator) {
    co_await generator.next();
    w.generator = std::move(generator);
}

TEST(HostileGenerator, Dropped) {
    everything(has::nothing, [](World& w) {
        w.task = w.loop->create_task(begin(w, counts(Hostile(w))));
        w.turns(2);
        w.generator.reset();
        w.turns();
    });
}
TEST(HostileGenerator, OfAClosedLoop) {
    everything(has::nothing, [](World& w) {
        w.task = w.loop->create_task(begin(w, counts(Hostile(w))));
        w.turns(2);
        w.loop->close();
    });
}
TEST(HostileGenerator, DroppedAfterItsLoopClosed) {
    everything(has::nothing, [](World& w) {
        w.task = w.loop->create_task(begin(w, counts(Hostile(w))));
        w.turns(2);
        w.loop->close();
        w.generator.reset();
    });
}
TEST(HostileGenerator, CleanUp) {
    everything(has::exceptions, [](World& w) {
        w.task = w.loop->create_task(begin(w, cleans_up(w)));
        w.turns(2);
        w.generator.reset();
        w.turns();
    });
}
TEST(HostileGenerator, CleanUpInAclose) {
    everything(has::exceptions, [](World& w) {
        const auto closes = [](World& world) -> Coro<> {
            auto generator = cleans_up(world);
            co_await generator.next();
            co_await generator.aclose();
        };
        w.task = w.loop->create_task(closes, std::ref(w));
        w.turns();
        w.task = {};
    });
}

}  // namespace
}  // namespace aio::tests
