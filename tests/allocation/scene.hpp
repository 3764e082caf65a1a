// SPDX-License-Identifier: MIT
#pragma once

#include <support/sanitized.hpp>

#include <aio/aio.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>

extern "C" [[gnu::weak]] int __lsan_do_recoverable_leak_check();  // NOLINT: the sanitizer's name

/// Memory runs out at every allocation of an operation in turn. Each time std::bad_alloc must reach somebody,
/// nothing may leak, and the loop must go on.
namespace aio::tests {

using namespace std::chrono_literals;

/// Counts what is alive of it; for coroutines' locals, callbacks and results.
class Counted {
public:
    static inline std::atomic<int> alive = 0;  // threads may have some
    Counted() noexcept { ++alive; }
    Counted(const Counted&) noexcept { ++alive; }
    Counted(Counted&&) noexcept { ++alive; }
    Counted& operator=(const Counted&) = default;
    Counted& operator=(Counted&&) = default;
    ~Counted() { --alive; }
};

/// A loop in virtual time, and who hears of errors.
class Scene {
public:
    Scene() : loop(new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>()))) {
        loop->set_exception_handler([this](EventLoop&, const ExceptionContext&) { ++reports; });
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    ~Scene() {
        loop->run_until_complete(loop->shutdown_default_executor());
        loop = nullptr;
    }

    /// Runs fn(args...), which gives a coroutine, to its end. Errors must not leave the loop on another way.
    template <class F, class... Args>
    auto run(F&& fn, Args&&... args) {
        const auto task = loop->create_task(std::forward<F>(fn), std::forward<Args>(args)...);
        const auto before = loop->stats().iterations;
        try {
            return loop->run_until_complete(task);
        } catch (const std::bad_alloc&) {
            left_loop = left_loop || (!task.done() && loop->stats().iterations > before);
            throw;
        }
    }

    EventLoopPtr loop;
    int reports = 0;
    /// The operation has done everything that it should; also if it was told of an error.
    bool complete = false;
    /// std::bad_alloc came out where the operation looks for it.
    bool told = false;
    /// std::bad_alloc left run_forever() between two callbacks.
    bool left_loop = false;
    int count = 0;  // what callbacks count, who may run when the operation is over
};

namespace detail {

inline std::string running_case;

inline void say_case_at_death() {
    static const std::terminate_handler before = std::set_terminate([] {
        std::fprintf(stderr, "terminated in: %s\n", running_case.c_str());
        before();
    });
}

}  // namespace detail

/// Runs operation(scene) with the n-th allocation failing, n = 1, 2, 3 and so on until it needs fewer; once
/// with memory coming back at once, and once with none any more until the operation is over.
template <class F>
void out_of_memory(F operation) {
    if (!testing::FailingAllocation::available()) GTEST_SKIP() << "the sanitizer has its own operator new";
    detail::say_case_at_death();
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    for (const std::size_t how_many : {std::size_t{1}, ~std::size_t{0}}) {
        for (std::size_t n = 1;; ++n) {
            detail::running_case =
                name + ", allocation " + std::to_string(n) + (how_many > 1 ? " and all that follow" : "");
            Counted::alive = 0;
            bool failed = false;
            {
                Scene scene;
                bool raised = false;
                try {
                    const testing::FailingAllocation failing(n, how_many);
                    struct Ask {
                        const testing::FailingAllocation& failing;
                        bool& failed;
                        ~Ask() { failed = failing.failed(); }
                    } const ask{failing, failed};
                    operation(scene);
                } catch (const std::bad_alloc&) {
                    raised = true;
                }
                EXPECT_TRUE(raised || scene.told || scene.reports > 0 || scene.complete)
                    << detail::running_case;
                EXPECT_FALSE(scene.left_loop) << detail::running_case;
                bool went_on = false;
                scene.loop->call_soon([&went_on] { went_on = true; });
                scene.loop->run_until_complete(sleep(0s));
                EXPECT_TRUE(went_on) << detail::running_case;
            }
            EXPECT_EQ(Counted::alive.load(), 0) << detail::running_case;
            if (!failed) break;
        }
    }
    if (__lsan_do_recoverable_leak_check) {
        EXPECT_EQ(__lsan_do_recoverable_leak_check(), 0);
    }
}

}  // namespace aio::tests
