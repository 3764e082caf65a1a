// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/testing/isolated_asyncio_test_case.hpp>

#include <gtest/gtest.h>
#include <string>
#include <support/trace.hpp>

namespace aio {
namespace {

using tests::Trace;

ContextVar<int> variable("variable", 0);

// A framework's fixture that lets the steps be called by hand.
struct FakeBase {
    Trace print;
    virtual ~FakeBase() = default;
    virtual void SetUp() { print("SetUp"); }
    virtual void TearDown() { print("TearDown"); }
};

struct Manager {
    Trace& print;
    Coro<int> aenter() {
        print("enter");
        co_return 7;
    }
    Coro<> aexit(std::exception_ptr) {
        print("exit");
        co_return;
    }
};

struct Case : testing::IsolatedAsyncioTestCase<FakeBase> {
    bool fail = false;
    Manager manager{print};

    Coro<> asyncSetUp() override {
        addAsyncCleanup(&Case::clean, this, 1);
        print("asyncSetUp");
        variable.set(5);
        if (fail) throw ValueError("x");
        co_return;
    }
    Coro<> asyncTearDown() override {
        print("asyncTearDown", variable.get());
        co_return;
    }
    Coro<> clean(int number) {
        print("cleanup", number);
        if (number == 2) throw ValueError("cleanup 2");
        co_return;
    }
    Coro<> test() {
        const int entered = co_await enterAsyncContext(manager);
        print("test", variable.get(), entered);
        addAsyncCleanup(&Case::clean, this, 2);
    }
    void set_up_all() { SetUp(); }
    void tear_down_all() { TearDown(); }
};

TEST(IsolatedAsyncioTestCase, RunsTheStepsInOrderAndInOneContext) {
    Case test;
    test.set_up_all();
    test.run(test.test());
    EXPECT_EQ(tests::thrown<ValueError>([&] { test.tear_down_all(); }), "cleanup 2");
    EXPECT_EQ(test.print.text(),
              "SetUp\nasyncSetUp\nenter\ntest 5 7\nasyncTearDown 5\ncleanup 2\nexit\ncleanup 1\n");
}

TEST(IsolatedAsyncioTestCase, AFailedSetUpIsCleanedUpButNotTornDown) {
    Case test;
    test.fail = true;
    EXPECT_THROW(test.set_up_all(), ValueError);
    test.tear_down_all();
    EXPECT_EQ(test.print.text(), "SetUp\nasyncSetUp\ncleanup 1\nTearDown\n");
}

struct WithGoogleTest : testing::IsolatedAsyncioTestCase<::testing::Test> {
    int steps = 0;
    static inline int torn_down = 0;
    static void TearDownTestSuite() { EXPECT_EQ(torn_down, 1) << "behind the test, by GoogleTest"; }
    Coro<> asyncSetUp() override {
        ++steps;
        co_return;
    }
    Coro<> asyncTearDown() override {
        EXPECT_EQ(steps, 2);
        ++torn_down;
        co_return;
    }
};

TEST_F(WithGoogleTest, IsAFixture) {
    EXPECT_EQ(steps, 1) << "GoogleTest has set it up";
    EXPECT_EQ(torn_down, 0);
    run([&]() -> Coro<> {
        ++steps;
        co_return;
    });
    EXPECT_EQ(steps, 2);
}

}  // namespace
}  // namespace aio
