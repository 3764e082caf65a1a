// SPDX-License-Identifier: MIT
// A function with a stack of its own as a task: that aio/task/detail/driver.hpp has what fibers need.
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/task/detail/driver.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>
#include <support/sanitized.hpp>
#include <support/trace.hpp>
#include <support/way.hpp>

#include <ucontext.h>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::Trace;
using tests::way;

class Fiber {
public:
    class Driver;
    using Body = std::function<int(Fiber&)>;

    explicit Fiber(Body body) : body_(std::move(body)), stack_(new char[kStack]) {}

    template <class A>
    decltype(auto) await(A&& awaitable, SourceLocation at = SourceLocation::current());

private:
    static constexpr std::size_t kStack = 256 * 1024;
    static void enter(unsigned low, unsigned high) {
        auto* self = reinterpret_cast<Fiber*>(std::uintptr_t{high} << 32 | low);
        try {
            self->value_ = self->body_(*self);
        } catch (...) {
            self->error_ = std::current_exception();
        }
        self->ended_ = true;
        swapcontext(&self->inside_, &self->outside_);
    }
    void switch_in() {
        if (!driver_begun_) {
            driver_begun_ = true;
            getcontext(&inside_);
            inside_.uc_stack.ss_sp = stack_.get();
            inside_.uc_stack.ss_size = kStack;
            const auto self = reinterpret_cast<std::uintptr_t>(this);
            makecontext(&inside_, reinterpret_cast<void (*)()>(enter), 2, static_cast<unsigned>(self),
                        static_cast<unsigned>(self >> 32));
        }
        swapcontext(&outside_, &inside_);
    }
    void switch_out() {
        swapcontext(&inside_, &outside_);
        if (closing_) throw GeneratorExit();
    }

    Body body_;
    std::unique_ptr<char[]> stack_;
    ucontext_t inside_;
    ucontext_t outside_;
    Driver* driver_ = nullptr;
    std::exception_ptr error_;
    int value_ = 0;
    bool driver_begun_ = false;
    bool ended_ = false;
    bool closing_ = false;
};

class Fiber::Driver final : public detail::TaskDriver {
public:
    Driver(Body body, SourceLocation at) : TaskDriver(at), fiber_(new Fiber(std::move(body))) {}
    Driver(Driver&&) = default;
    Driver& operator=(Driver&&) = delete;
    ~Driver() {
        if (!fiber_ || !fiber_->driver_begun_ || fiber_->ended_) return;
        fiber_->closing_ = true;
        fiber_->switch_in();
    }
    bool step() {
        fiber_->driver_ = this;
        fiber_->switch_in();
        return fiber_->ended_;
    }
    int result() const {
        if (fiber_->error_) std::rethrow_exception(fiber_->error_);
        return fiber_->value_;
    }
    using TaskDriver::begin_await;
    using TaskDriver::end_await;

private:
    std::unique_ptr<Fiber> fiber_;
};

template <class A>
decltype(auto) Fiber::await(A&& awaitable, SourceLocation at) {
    auto&& awaiter = detail::get_awaiter(std::forward<A>(awaitable));
    if (!driver_->begin_await(awaiter, at)) switch_out();
    return driver_->end_await(awaiter);
}

Coro<int> fiber(Fiber::Body body, SourceLocation at = SourceLocation::current()) {
    return detail::drive(Fiber::Driver(std::move(body), at));
}

struct FiberDriver : ::testing::Test, testing::LoopTest {
    Trace trace;
    void SetUp() override {
        if (tests::kSanitized) GTEST_SKIP() << "its switch is not announced to sanitizers";
    }
};

constexpr unsigned kTop = __LINE__;
Coro<int> doubled(int value) {
    co_await sleep(1s);
    if (value < 0) throw ValueError("negative");
    co_return 2 * value;
}
int inner(Fiber& self, int value) { return self.await(doubled(value)); }
int outer(Fiber& self, int value) { return inner(self, value) + 1; }

TEST_F(FiberDriver, AwaitsFromDeepWithin) {
    run([&]() -> Coro<> {
        const Task<int> task = create_task(fiber([](Fiber& self) { return outer(self, 20); }), "fiber");
        const int value = co_await task;
        EXPECT_EQ(value, 41);
        EXPECT_EQ(clock().elapsed(), 1s);
        const Task<int> failed = create_task(fiber([](Fiber& self) { return outer(self, -1); }));
        co_await tests::ended(failed);
        EXPECT_TRUE(way(failed.exception(), kTop).ends_with(" inner+6 doubled+2..."))
            << way(failed.exception(), kTop);
    });
}

TEST_F(FiberDriver, IsCancelledAndCleansUp) {
    run([&]() -> Coro<> {
        Lock lock;
        const auto body = [&](Fiber& self) {
            self.await(lock.acquire());
            try {
                self.await(sleep(1h));
            } catch (const CancelledError& e) {
                trace(e.message(), lock.locked());
            }
            self.await(sleep(1s));
            lock.release();
            return 5;
        };
        const Task<int> task = create_task(fiber(body));
        co_await sleep(1s);
        task.cancel("stop");
        const int value = co_await task;
        EXPECT_EQ(value, 5);
        EXPECT_EQ(trace.joined(), "stop True");
        EXPECT_FALSE(lock.locked());
        EXPECT_EQ(clock().elapsed(), 2s);
    });
}

TEST_F(FiberDriver, IsUnwoundWhereItsTaskIsDestroyed) {
    EventLoopPtr other = new_event_loop();
    other->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    other->create_task(fiber([&](Fiber& self) {
        try {
            self.await(sleep(1h));
        } catch (const GeneratorExit&) {
            trace("unwound");
        }
        return 0;
    }));
    other->call_soon([&] { other->stop(); });
    other->run_forever();
    EXPECT_EQ(trace.joined(), "");
    other = nullptr;
    EXPECT_EQ(trace.joined(), "unwound");
}

}  // namespace
}  // namespace aio
