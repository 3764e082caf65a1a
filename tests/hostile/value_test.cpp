// SPDX-License-Identifier: MIT
// User code in the middle of the library's own work: copies of results, items of queues, comparisons,
// predicates, context managers.
#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

/// Strikes when it is copied, and may throw then.
struct Copied {
    explicit Copied(World& world) : w(&world) {}
    Copied(const Copied& other) : w(other.w), hostile(other.hostile) { w->strike("copy"); }
    Copied(Copied&&) noexcept = default;
    Copied& operator=(const Copied&) = default;
    Copied& operator=(Copied&&) noexcept = default;
    ~Copied() = default;
    World* w;
    std::shared_ptr<Hostile> hostile;  // counted only
};

Coro<Copied> gives(World& w) {
    co_await sleep(0s);
    co_return Copied(w);
}

// The first error that an awaitable gives counts as having come out.
template <class F>
Coro<> watch(World& w, F body) {
    try {
        co_await body(w);
    } catch (const std::runtime_error&) {
        ++w.errors;
    }
}
template <class F>
void run_body(World& w, F body) {
    w.future = w.loop->create_future<>();
    w.task = w.loop->create_task(watch(w, body));
    w.turns(8);
}

constexpr std::uint32_t kValues = has::future | has::exceptions;

TEST(HostileValue, CopiedByGather) {
    everything(kValues, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            const Task<Copied> kept = create_task(gives(world));
            auto both = gather(kept, sleep(0s));
            world.any = both;
            co_await std::move(both);
        });
    });
}
TEST(HostileValue, CopiedByGatherOfARange) {
    everything(kValues, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            std::vector<Task<Copied>> tasks;
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(gives(world)));
            auto all = gather(tasks);
            world.any = all;
            co_await std::move(all);
        });
    });
}
TEST(HostileValue, CopiedByShield) {
    everything(kValues, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            const Task<Copied> kept = create_task(gives(world));
            auto outer = shield(kept);
            world.any = outer;
            co_await std::move(outer);
        });
    });
}
TEST(HostileValue, CopiedByAsCompleted) {
    everything(kValues, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            std::vector<Task<Copied>> tasks;
            for (int i = 0; i < 3; ++i) tasks.push_back(create_task(gives(world)));
            auto completed = as_completed(tasks);
            while (auto next = co_await completed.next()) {
                const Copied copy = next->result();
            }
        });
    });
}

// --- queues ----------------------------------------------------------------------------------------

/// Strikes when it is moved into or out of a queue, and when it is destroyed there.
struct Item {
    Item(World& world, int number) : w(&world), key(number) { ++Hostile::alive; }
    Item(Item&& other) : w(other.w), key(other.key) {
        w->strike("move");  // before it counts: it may throw
        ++Hostile::alive;
    }
    Item& operator=(Item&& other) {
        w = other.w;
        key = other.key;
        w->strike("move");
        return *this;
    }
    ~Item() { --Hostile::alive; }
    bool operator<(const Item& other) const { return key < other.key; }
    World* w;
    int key;
};

template <class Q>
void queue_of_items() {
    everything(kValues | has::sync, [](World& w) {
        const auto queue = std::make_shared<Q>(2);
        const auto puts = [](World& world, std::shared_ptr<Q> to) -> Coro<> {
            for (int i = 0; i < 5; ++i) {
                try {
                    co_await to->put(Item(world, i % 3));
                } catch (const std::runtime_error&) {
                    ++world.errors;
                }
            }
        };
        const auto gets = [](World& world, std::shared_ptr<Q> from) -> Coro<> {
            for (int i = 0; i < 5; ++i) {
                try {
                    const Item item = co_await from->get();
                } catch (const std::runtime_error&) {
                    ++world.errors;
                }
            }
        };
        w.future = w.loop->create_future<>();
        w.any = w.loop->create_task(gets, std::ref(w), queue);
        w.task = w.loop->create_task(puts, std::ref(w), queue);
        w.turns(10);
    });
}
TEST(HostileValue, ItemsOfAQueue) { queue_of_items<Queue<Item>>(); }
TEST(HostileValue, ItemsOfALifoQueue) { queue_of_items<LifoQueue<Item>>(); }
TEST(HostileValue, ItemsOfAPriorityQueue) { queue_of_items<PriorityQueue<Item>>(); }

/// Puts another one into the queue when it is destroyed.
struct Fertile {
    explicit Fertile(Queue<Fertile>* q, int count) : queue(q), left(count) {}
    Fertile(Fertile&& other) noexcept : queue(std::exchange(other.queue, nullptr)), left(other.left) {}
    Fertile& operator=(Fertile&&) = delete;
    ~Fertile() {
        if (queue && left > 0 && !queue->full()) queue->put_nowait(Fertile(queue, left - 1));
    }
    Queue<Fertile>* queue;
    int left;
};
TEST(HostileValue, AnItemThatPutsAnotherWhenItIsDestroyed) {
    Queue<Fertile> queue(4);
    for (int i = 0; i < 4; ++i) queue.put_nowait(Fertile(&queue, 3));
    for (int i = 0; i < 12; ++i) queue.get_nowait();
    EXPECT_EQ(queue.qsize(), 4u);
    queue.shutdown(true);
    EXPECT_TRUE(queue.empty());
}

// --- predicates and managers -----------------------------------------------------------------------

TEST(HostileValue, Predicate) {
    everything(kValues | has::sync, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            const auto condition = std::make_shared<Condition>(world.lock);
            const auto guard = co_await condition->guard();
            int asked = 0;
            const auto notifies = [](std::shared_ptr<Condition> it) -> Coro<> {
                const auto held = co_await it->guard();
                it->notify_all();
            };
            create_task(notifies, condition);
            co_await condition->wait_for([&] {
                world.strike("predicate");
                return ++asked > 1;
            });
        });
    });
}

struct Manager {
    explicit Manager(World& world, bool at_enter) : w(world), enters(at_enter) {}
    Coro<int> aenter() {
        co_await sleep(0s);
        if (enters) w.strike("aenter", 1);
        co_return 1;
    }
    Coro<bool> aexit(std::exception_ptr) {
        co_await sleep(0s);
        if (!enters) w.strike("aexit", 1);
        co_return false;
    }
    World& w;
    bool enters;
};
void managed(bool at_enter) {
    everything(kValues, [at_enter](World& w) {
        run_body(w, [at_enter](World& world) -> Coro<> {
            Manager manager(world, at_enter);
            const auto body = [](int, World& inside) -> Coro<> {
                co_await sleep(0s);
                if (inside.name().ends_with("report")) throw ValueError("body");
            };
            co_await async_with(manager, body, std::ref(world));
        });
    });
}
TEST(HostileValue, ManagerEnters) { managed(true); }
TEST(HostileValue, ManagerExits) { managed(false); }

TEST(HostileValue, ExitStackArgument) {
    everything(has::future, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            const auto body = [](AsyncExitStack& stack, World& inside) -> Coro<> {
                stack.callback([] {});
                stack.callback([hostile = Hostile(inside)] {});
                co_await sleep(0s);
            };
            co_await async_with(AsyncExitStack(), body, std::ref(world));
        });
    });
}
TEST(HostileValue, ExitStackCallback) {
    everything(kValues, [](World& w) {
        run_body(w, [](World& world) -> Coro<> {
            const auto body = [](AsyncExitStack& stack, World& inside) -> Coro<> {
                stack.callback([] {});
                stack.callback([&inside] { inside.strike("callback", 1); });
                co_await sleep(0s);
            };
            co_await async_with(AsyncExitStack(), body, std::ref(world));
        });
    });
}

}  // namespace
}  // namespace aio::tests
