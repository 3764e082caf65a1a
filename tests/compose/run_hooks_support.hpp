// SPDX-License-Identifier: MIT
#pragma once

#include <support/trace.hpp>

#include <aio/aio.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace aio::tests {

using namespace std::chrono_literals;

class Hook final : public detail::ShutdownHook {
public:
    explicit Hook(std::function<Coro<>()> ends) : ends_(std::move(ends)) {}
    Coro<> shutdown() override { return ends_(); }

private:
    std::function<Coro<>()> ends_;
};

struct RunShutdown : ::testing::Test {
    Coro<> end_after(Duration time, const char* name) {
        trace(name, "begins");
        try {
            co_await sleep(time);
        } catch (const CancelledError&) {
            trace(name, "cancelled");
            throw;
        }
        trace(name, "ends");
    }
    std::function<Coro<>()> ends(Duration time, const char* name) {
        return [this, time, name] { return end_after(time, name); };
    }
    RunOptions options() {
        return RunOptions().loop_factory([this] {
            auto clock = std::make_shared<testing::VirtualClock>();
            EventLoopPtr loop = new_event_loop(LoopOptions().clock(std::move(clock)));
            loop->set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
                trace(context.message(), context.exception() ? describe(context.exception()) : "None");
            });
            return loop;
        });
    }
    // A task that is left over, and the hooks, in this order.
    Coro<> main_with(std::vector<Hook*> hooks) {
        create_task(end_after(24h, "task"));
        for (Hook* const hook : hooks) hook->add_to(get_running_loop(), false);
        co_await sleep(1s);
        trace("main ends");
    }
    Trace trace;
};

}  // namespace aio::tests
