// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <gtest/gtest.h>
#include <string>

namespace aio {
namespace {

struct Last final : detail::StepEndItem {
    Last(std::string& text, char letter) : log(text), name(letter) {}
    void step_ended() override {
        log += name;
        if (name == '!') throw KeyboardInterrupt();
    }
    std::string step_repr() const override { return "<item>"; }
    std::string& log;
    char name;
};

struct StepEndTest : ::testing::Test {
    EventLoopPtr loop = new_event_loop();
    std::string log;
    detail::StepEnd& end = loop->parts().step_end;
};

TEST_F(StepEndTest, ComesBeforeWhatIsReady) {
    Last item(log, 'e');
    loop->call_soon([&] {
        log += '1';
        EXPECT_TRUE(end.add(*loop, item));
        log += '2';
    });
    loop->call_soon([&] { log += '3'; });
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(log, "12e3");
}

// The numbers of steps go on as without it, also for who writes in the step's end.
TEST_F(StepEndTest, DoesNotDisturbTheNumbersOfSteps) {
    Last item(log, 'e');
    std::size_t before = 0;
    loop->call_soon([&] {
        before = loop->ready().step();
        EXPECT_TRUE(end.add(*loop, item));
        EXPECT_EQ(loop->ready().step(), before);
    });
    loop->call_soon([&] { EXPECT_EQ(loop->ready().step(), before + 1); });
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(log, "e");
}

TEST_F(StepEndTest, RefusesOutsideOfSteps) {
    Last item(log, 'e');
    EXPECT_FALSE(end.add(*loop, item));
}

TEST_F(StepEndTest, WhatLeavesOneItemLeavesTheOthersDone) {
    Last first(log, '!');
    Last second(log, '2');
    loop->call_soon([&] {
        EXPECT_TRUE(end.add(*loop, first));
        EXPECT_TRUE(end.add(*loop, second));
    });
    EXPECT_THROW(loop->run_forever(), KeyboardInterrupt);
    EXPECT_EQ(log, "!2");
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(log, "!2");
}

TEST_F(StepEndTest, WhatLeavesTheStepLeavesItsEndDone) {
    Last item(log, 'e');
    loop->call_soon([&] {
        EXPECT_TRUE(end.add(*loop, item));
        throw SystemExit(3);
    });
    EXPECT_THROW(loop->run_forever(), SystemExit);
    EXPECT_EQ(log, "e");
    Last next(log, 'n');
    loop->call_soon([&] { EXPECT_TRUE(end.add(*loop, next)); });
    loop->call_soon([&] { loop->stop(); });
    loop->run_forever();
    EXPECT_EQ(log, "en");
}

}  // namespace
}  // namespace aio
