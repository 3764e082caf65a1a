// SPDX-License-Identifier: MIT
#include <aio/loop/detail/close_watch.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::detail {
namespace {

struct Told final : CloseWatch {
    explicit Told(std::function<void()> then) : on_close(std::move(then)) {}
    void on_loop_closed() noexcept override { on_close(); }
    std::function<void()> on_close;
};

TEST(CloseWatchList, IsToldOnceInOrder) {
    EventLoopPtr loop = new_event_loop();
    std::string told;
    Told first([&] { told += loop->is_closed() ? "first " : "early "; });
    Told second([&] { told += "second "; });
    for (Told* watch : {&first, &second}) loop->parts().close_watches.push_back(*watch);
    loop->close();
    loop->close();
    EXPECT_EQ(told, "first second ");
    EXPECT_FALSE(first.linked());
}

TEST(CloseWatchList, OneThatIsGoneIsNotTold) {
    EventLoopPtr loop = new_event_loop();
    std::string told;
    auto gone = std::make_unique<Told>([&] { told += "gone "; });
    auto last = std::make_unique<Told>([&] { told += "last "; });
    Told first([&] {
        told += "first ";
        last = nullptr;
    });
    for (Told* watch : {&first, gone.get(), last.get()}) loop->parts().close_watches.push_back(*watch);
    gone = nullptr;
    loop->close();
    EXPECT_EQ(told, "first ");
}

// It is no work: a loop that has nothing else knows that it would wait for ever.
TEST(CloseWatchList, KeepsNoLoopAwake) {
    const EventLoopPtr loop = new_event_loop();
    Told watch([] {});
    loop->parts().close_watches.push_back(watch);
    EXPECT_TRUE(loop->cannot_wake());
    EXPECT_EQ(loop->stats().timers, 0U);
}

}  // namespace
}  // namespace aio::detail
