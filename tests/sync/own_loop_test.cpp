// SPDX-License-Identifier: MIT
// Two loops take turns in a thread: a task that waits in one and is woken by what the other runs goes on in
// its own.
#include <aio/aio.hpp>

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace aio {
namespace {

// What a task waits for, and how it is woken. `wait` runs in loop a, `wake` where it is called.
struct Scene {
    std::string name;
    std::function<Coro<>()> wait;
    std::function<void()> wake;
};

template <class Primitive>
Scene scene(std::string name, std::shared_ptr<Primitive> primitive, Coro<> (*wait)(Primitive&),
            void (*wake)(Primitive&)) {
    return {std::move(name), [=] { return wait(*primitive); }, [=] { wake(*primitive); }};
}

Scene scene_of(const std::string& name) {
    if (name == "Event") {
        return scene<Event>(
            name, std::make_shared<Event>(), [](Event& event) -> Coro<> { co_await event.wait(); },
            [](Event& event) { event.set(); });
    }
    if (name == "Lock") {
        return scene<Lock>(
            name, std::make_shared<Lock>(),
            [](Lock& lock) -> Coro<> {
                if (!lock.locked()) co_await lock.acquire();
                co_await lock.acquire();
            },
            [](Lock& lock) { lock.release(); });
    }
    if (name == "Condition") {
        return scene<Condition>(
            name, std::make_shared<Condition>(),
            [](Condition& condition) -> Coro<> {
                co_await condition.acquire();
                co_await condition.wait();
            },
            [](Condition& condition) {
                auto notify = [&]() -> Coro<> {
                    co_await condition.acquire();
                    condition.notify();
                    condition.release();
                };
                notify().operator co_await().await_ready();  // the lock is free: it ends at once
            });
    }
    if (name == "Semaphore") {
        return scene<Semaphore>(
            name, std::make_shared<Semaphore>(0), [](Semaphore& s) -> Coro<> { co_await s.acquire(); },
            [](Semaphore& s) { s.release(); });
    }
    if (name == "Queue") {
        return scene<Queue<int>>(
            name, std::make_shared<Queue<int>>(), [](Queue<int>& q) -> Coro<> { co_await q.get(); },
            [](Queue<int>& q) { q.put_nowait(1); });
    }
    if (name == "select") {
        return scene<Queue<int>>(
            name, std::make_shared<Queue<int>>(), [](Queue<int>& q) -> Coro<> { co_await select(q.get()); },
            [](Queue<int>& q) { q.put_nowait(1); });
    }
    return scene<StreamReader>(
        name, std::make_shared<StreamReader>(), [](StreamReader& r) -> Coro<> { co_await r.readline(); },
        [](StreamReader& r) { r.feed_data("line\n"); });
}

class OwnLoop : public ::testing::TestWithParam<const char*> {
protected:
    static void turn(EventLoop& loop) {
        loop.call_soon([&] { loop.call_soon([&] { loop.stop(); }); });
        loop.run_forever();
    }
    // A task that has begun to wait, in loop a.
    void start() {
        task_ = a_->create_task([this]() -> Coro<> {
            co_await scene_.wait();
            went_on_in_ = &get_running_loop();
        });
        turn(*a_);
    }
    void wake_in_loop_b() {
        b_->call_soon([&] { scene_.wake(); });
        turn(*b_);
    }

    const Scene scene_ = scene_of(GetParam());
    EventLoopPtr a_ = new_event_loop();
    EventLoopPtr b_ = new_event_loop();
    Task<> task_;
    EventLoop* went_on_in_ = nullptr;
};

TEST_P(OwnLoop, ATaskGoesOnInIt) {
    start();
    wake_in_loop_b();
    EXPECT_EQ(went_on_in_, nullptr);
    turn(*a_);
    EXPECT_EQ(went_on_in_, a_.get());
    EXPECT_TRUE(task_.done());
}

TEST_P(OwnLoop, ATaskIsCancelledInIt) {
    start();
    b_->call_soon([&] { task_.cancel(); });
    turn(*b_);
    EXPECT_FALSE(task_.done());
    turn(*a_);
    turn(*a_);
    EXPECT_TRUE(task_.cancelled());
}

TEST_P(OwnLoop, ThatIsClosedNobodyGoesOn) {
    a_->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    start();
    a_.reset();
    wake_in_loop_b();
    EXPECT_EQ(went_on_in_, nullptr);
}

INSTANTIATE_TEST_SUITE_P(, OwnLoop,
                         ::testing::Values("Event", "Lock", "Condition", "Semaphore", "Queue", "select",
                                           "StreamReader"));

}  // namespace
}  // namespace aio
