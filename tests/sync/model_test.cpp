// SPDX-License-Identifier: MIT
// Random tasks on a lock, a semaphore and two queues, cancelled at random moments. Whatever happens: one at
// a time holds the lock, permits are conserved, every item that was put is got once and in order, and at
// the end nobody waits. A failure prints its seed; run one again with AIO_TEST_SEED=<seed>.
#include "sync_support.hpp"

#include <cstdlib>
#include <map>
#include <random>

namespace aio::tests {
namespace {

struct ModelTest : SyncTest {
    std::mt19937_64 random;
    int below(int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }
    bool chance(int percent) { return below(100) < percent; }

    // Long and short, so that several things happen in one iteration.
    Coro<> pause() {
        const int delay = chance(60) ? 0 : below(3);
        co_await sleep(1ms * delay);
    }
    void cancel_some(std::vector<Task<>>& tasks, int percent) {
        for (Task<>& task : tasks) {
            if (chance(percent)) task.cancel();
        }
    }
    Coro<> disturb(std::vector<Task<>>& tasks) {
        for (int i = 0; i < 20; ++i) {
            co_await pause();
            cancel_some(tasks, 4);
        }
    }

    // --- locks and semaphores: `inside` tasks of at most `most`

    template <class Primitive>
    Coro<> visit(Primitive& primitive, int& inside, int most) {
        for (int i = 0; i < 5; ++i) {
            co_await pause();
            auto guard = co_await primitive.guard();
            EXPECT_LE(++inside, most);
            struct Leave {
                int& inside;
                ~Leave() { --inside; }
            } const leave{inside};
            co_await pause();
        }
    }
    template <class Primitive>
    Coro<> visit_or_give_up(Primitive& primitive, Event& never, int& inside, int most) {
        for (int i = 0; i < 5; ++i) {
            auto chosen = co_await select(never.wait(), primitive.guard(), sleep(1ms * below(3)));
            if (!chosen.template get_if<1>()) continue;
            EXPECT_LE(++inside, most);
            struct Leave {
                int& inside;
                ~Leave() { --inside; }
            } const leave{inside};
            co_await pause();
        }
    }
    template <class Primitive>
    Coro<> crowd(Primitive& primitive, int most) {
        int inside = 0;
        Event never;
        std::vector<Task<>> tasks;
        for (int i = 0; i < 8; ++i) {
            tasks.push_back(chance(50) ? create_task(visit(primitive, inside, most))
                                       : create_task(visit_or_give_up(primitive, never, inside, most)));
        }
        co_await disturb(tasks);
        co_await wait(tasks);
        EXPECT_EQ(inside, 0);
        EXPECT_EQ(state(never.repr()), "unset");
        EXPECT_EQ(primitive.repr().find("waiters"), std::string::npos) << primitive.repr();
    }

    // --- queues: every item that was put is got once, and those of one producer in their order

    struct Item {
        int producer;
        int number;
    };
    struct Books {
        int put = 0;
        int got = 0;
        std::map<int, int> last;  // of each producer
    };
    static void note(Books& books, Queue<Item>& queue, const Item& item) {
        ++books.got;
        EXPECT_GT(item.number, books.last[item.producer]);
        books.last[item.producer] = item.number;
        queue.task_done();
    }
    Coro<> produce(Queue<Item>& queue, Books& books, int producer) {
        for (int i = 1; i <= 6; ++i) {
            co_await pause();
            const Item item{producer, i};
            if (chance(50)) {
                co_await queue.put(item);
                ++books.put;
                continue;
            }
            auto chosen = co_await select(queue.put(item), sleep(1ms * below(3)));
            if (chosen.index() == 0) ++books.put;
        }
    }
    Coro<> consume(Queue<Item>& queue, Queue<Item>& other, Books& books, Books& others) {
        for (;;) {
            co_await pause();
            const int kind = below(3);
            if (kind == 0) {
                const Item item = co_await queue.get();
                note(books, queue, item);
            } else if (kind == 1) {
                auto chosen = co_await select(queue.get(), other.get(), sleep(1ms * below(3)));
                if (auto* item = chosen.get_if<0>()) note(books, queue, *item);
                if (auto* item = chosen.get_if<1>()) note(others, other, *item);
            } else if (!queue.empty()) {
                note(books, queue, queue.get_nowait());
            }
        }
    }
    Coro<> trade() {
        Queue<Item> a(1 + below(3));
        Queue<Item> b(below(3));
        Books books_a;
        Books books_b;
        std::vector<Task<>> producers;
        std::vector<Task<>> consumers;
        for (int i = 0; i < 4; ++i) {
            producers.push_back(create_task(produce(a, books_a, i)));
            producers.push_back(create_task(produce(b, books_b, i)));
            consumers.push_back(create_task(consume(a, b, books_a, books_b)));
            consumers.push_back(create_task(consume(b, a, books_b, books_a)));
        }
        for (int i = 0; i < 20; ++i) {
            co_await pause();
            cancel_some(producers, 3);
            if (i < 10) cancel_some(consumers, 3);
        }
        consumers.push_back(create_task(consume(a, b, books_a, books_b)));
        consumers.push_back(create_task(consume(b, a, books_b, books_a)));
        co_await wait(producers);
        co_await a.join();
        co_await b.join();
        for (Task<>& task : consumers) task.cancel();
        co_await wait(consumers);
        EXPECT_EQ(books_a.put, books_a.got);
        EXPECT_EQ(books_b.put, books_b.got);
        const std::string text = a.repr() + b.repr();
        EXPECT_EQ(text.find('['), std::string::npos) << "somebody or something is left: " << text;
    }

    void scenario_of(std::uint64_t seed) {
        SCOPED_TRACE("AIO_TEST_SEED=" + std::to_string(seed));
        random.seed(seed);
        run([&]() -> Coro<> {
            Lock lock;
            co_await crowd(lock, 1);
            EXPECT_FALSE(lock.locked());
            const int permits = 1 + below(3);
            BoundedSemaphore semaphore(permits);
            co_await crowd(semaphore, permits);
            EXPECT_EQ(semaphore.value(), permits);
            co_await trade();
            EXPECT_EQ(all_tasks().size(), 1u);
            EXPECT_EQ(loop().stats().timers, 0u);
        });
        EXPECT_TRUE(reports().empty()) << reports().front();
    }
};

TEST_F(ModelTest, NothingIsLostHoweverTasksAreCancelled) {
    if (const char* seed = std::getenv("AIO_TEST_SEED")) {
        scenario_of(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) scenario_of(seed);
}

}  // namespace
}  // namespace aio::tests
