// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/async_with.hpp>
#include <aio/testing/loop_test.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace aio::testing {

// NOLINTBEGIN(readability-identifier-naming): unittest's names

/// The part of IsolatedAsyncioTestCase that does not depend on the test framework.
class AsyncFixture : public LoopTest {
public:
    using LoopTest::LoopTest;
    virtual ~AsyncFixture() = default;

    /// Runs `co_await fn(args...)` after the test, the last one added first, also if the test or
    /// asyncSetUp() failed.
    template <class F, class... Args>
    void addAsyncCleanup(F&& fn, Args&&... args) {
        cleanups_.push_back(
            discard_result(detail::to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...)));
    }

    /// Enters an async context manager, which is left as a cleanup with no error; gives what aenter() gives.
    /// The manager must live until then. `co_await enterAsyncContext(manager)`.
    template <AsyncContextManager M>
    auto enterAsyncContext(M& manager) -> Coro<detail::coro_result_t<decltype(manager.aenter())>> {
        if constexpr (std::is_void_v<await_result_t<decltype(manager.aenter())>>) {
            co_await manager.aenter();
            addAsyncCleanup(&AsyncFixture::leave<M>, &manager);
        } else {
            using Entered = detail::coro_result_t<decltype(manager.aenter())>;
            Entered entered = co_await manager.aenter();
            addAsyncCleanup(&AsyncFixture::leave<M>, &manager);
            co_return static_cast<Entered&&>(entered);
        }
    }

    /// Runs the cleanups now. Throws the first error when all have run.
    void doAsyncCleanups();

protected:
    /// Before each test.
    virtual Coro<> asyncSetUp() { co_return; }
    /// After each test whose asyncSetUp() succeeded, in the same loop and context.
    virtual Coro<> asyncTearDown() { co_return; }

    void set_up();
    void tear_down();

private:
    template <class R>
    static Coro<> discard_result(Coro<R> coroutine) {
        co_await std::move(coroutine);
    }
    template <class M>
    static Coro<> leave(M* manager) {
        const std::exception_ptr no_error;
        co_await detail::leave(*manager, no_error);
    }

    std::vector<Coro<>> cleanups_;
    bool is_set_up_ = false;
};

/// Each test on its own runner and loop. Mirrors unittest.IsolatedAsyncioTestCase; `Base` is the framework's
/// fixture class, which has virtual SetUp() and TearDown():
///
///     struct Client : aio::testing::IsolatedAsyncioTestCase<::testing::Test> {
///         Coro<> asyncSetUp() override { ... }
///     };
///     TEST_F(Client, Answers) { run([&]() -> aio::Coro<> { ... }); }
///
/// Order: SetUp() of Base, asyncSetUp(), the test, asyncTearDown(), cleanups, the loop's end, TearDown()
/// of Base.
template <class Base>
class IsolatedAsyncioTestCase : public Base, public AsyncFixture {
protected:
    using AsyncFixture::AsyncFixture;
    void SetUp() override {
        Base::SetUp();
        this->set_up();
    }
    void TearDown() override {
        this->tear_down();
        Base::TearDown();
    }
};

// NOLINTEND(readability-identifier-naming)

}  // namespace aio::testing
