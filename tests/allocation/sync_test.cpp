// SPDX-License-Identifier: MIT
// Memory runs out: locks, queues, select.
#include <allocation/operation.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace aio::tests {
namespace {

TEST(AllocationSync, Lock) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto lock = std::make_shared<Lock>();
        const auto body = [](std::shared_ptr<Lock> it, Scene& told) -> Coro<> {
            const Counted counted;
            const auto guard = co_await it->guard();
            co_await sleep(1s);
            ++told.count;
        };
        co_await gather(create_task(body, lock, std::ref(scene)), create_task(body, lock, std::ref(scene)));
        co_return scene.count == 2 && !lock->locked();
    });
}
TEST(AllocationSync, Event) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto event = std::make_shared<Event>();
        scene.loop->call_later(1s, [event] { event->set(); });
        co_await wait_for(event->wait(), 1h);
        co_return true;
    });
}
TEST(AllocationSync, Condition) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto condition = std::make_shared<Condition>();
        const auto notifies = [](std::shared_ptr<Condition> it) -> Coro<> {
            const auto guard = co_await it->guard();
            it->notify_all();
        };
        const auto guard = co_await condition->guard();
        const Task<> other = create_task(notifies, condition);
        const auto waits = [](std::shared_ptr<Condition> it) -> Coro<> { co_await it->wait(); };
        bool woken = false;
        try {
            co_await async_with(timeout(1min), waits, condition);
            woken = true;
        } catch (const TimeoutError&) {  // the other one has failed
        }
        co_await other;
        co_return woken;
    });
}
TEST(AllocationSync, Semaphore) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto semaphore = std::make_shared<Semaphore>(1);
        const auto body = [](std::shared_ptr<Semaphore> it, Scene& told) -> Coro<> {
            co_await it->acquire();
            ++told.count;
            it->release();
        };
        co_await create_task(body, semaphore, std::ref(scene));
        co_await create_task(body, semaphore, std::ref(scene));
        co_return scene.count == 2;
    });
}
TEST(AllocationSync, Barrier) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto barrier = std::make_shared<Barrier>(2);
        const auto body = [](std::shared_ptr<Barrier> it) -> Coro<> { co_await it->wait(); };
        const Task<> other = create_task(body, barrier);
        bool through = false;
        try {
            co_await async_with(timeout(1min), body, barrier);
            through = true;
        } catch (const TimeoutError&) {  // the other one has failed
        }
        co_await other;
        co_return through;
    });
}

template <class Q>
void a_queue() {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto queue = std::make_shared<Q>(3);
        const auto puts = [](std::shared_ptr<Q> it) -> Coro<> {
            for (int i = 0; i < 10; ++i) co_await it->put(long_text() + std::to_string(i));
            it->shutdown();
        };
        const auto gets = [](std::shared_ptr<Q> it, Scene& told) -> Coro<> {
            try {
                for (;;) {
                    const std::string text = co_await it->get();
                    ++told.count;
                    it->task_done();
                }
            } catch (const QueueShutDown&) {
            }
        };
        const Task<> producer = create_task(puts, queue);
        try {
            co_await async_with(timeout(1min), gets, queue, std::ref(scene));
            co_await queue->join();
        } catch (const TimeoutError&) {
        }
        co_await producer;
        co_return scene.count == 10;
    });
}
TEST(AllocationSync, Queue) { a_queue<Queue<std::string>>(); }
TEST(AllocationSync, LifoQueue) { a_queue<LifoQueue<std::string>>(); }
TEST(AllocationSync, PriorityQueue) { a_queue<PriorityQueue<std::string>>(); }

TEST(AllocationSync, Select) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        Event event;
        Queue<std::string> queue;
        const Future<> future = scene.loop->create_future<>();
        auto first = co_await select(event.wait(), queue.get(), sleep(1s), sleep(2s), future);
        event.set();
        auto second = co_await select(queue.get(), sleep(1h), event.wait());
        co_return first.index() == 2 && second.index() == 2;
    });
}

}  // namespace
}  // namespace aio::tests
