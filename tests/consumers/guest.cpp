// SPDX-License-Identifier: MIT
// A plug-in that works on the loop of the program that loads it (meet.cpp).
#include "failures.hpp"

#include <aio/base/pool.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace {

aio::Coro<int> twice_later(int value) {
    co_await aio::sleep(std::chrono::milliseconds(1));
    co_return 2 * value;
}

aio::Coro<> failing(Guest::Failure failure) {
    co_await aio::sleep(std::chrono::seconds(0));
    fail(failure);
}

aio::Coro<bool> catching(aio::Coro<> coroutine, Guest::Failure failure) {
    try {
        co_await std::move(coroutine);
    } catch (...) {
        co_return handles(failure);
    }
    co_return false;
}

class Echo final : public aio::Protocol {
    void connection_made(aio::Transport& transport) override { transport_ = &transport; }
    void data_received(aio::BytesView data) override { transport_->write(data); }
    aio::Transport* transport_ = nullptr;
};

class TheGuest final : public Guest {
    bool sees(const aio::EventLoop& loop, const aio::AnyTask& task, const aio::ContextVar<int>& variable,
              int value, const void* pool) override {
        return &aio::get_running_loop() == &loop && aio::current_task() == task && variable.get() == value &&
               &aio::pool::detail::cache == pool;
    }
    void set(const aio::ContextVar<int>& variable, int value) override { variable.set(value); }
    aio::Task<int> start(int value) override {
        return aio::create_task(aio::TaskOptions().name("guest"), twice_later, value);
    }
    aio::Coro<int> work(int value) override { return twice_later(value); }
    void fail(Failure failure) override { ::fail(failure); }
    aio::Coro<> fail_later(Failure failure) override { return failing(failure); }
    aio::Coro<bool> catches(aio::Coro<> coroutine, Failure failure) override {
        return catching(std::move(coroutine), failure);
    }
    std::shared_ptr<aio::Protocol> protocol() override { return std::make_shared<Echo>(); }
    void set_task_factory() override {
        aio::set_task_factory(aio::get_running_loop(),
                              [](aio::EventLoop&, aio::TaskRequest& request) { return request.create(); });
    }
    bool may_stay() override {
#ifdef __clang__
        return false;
#else
        return true;
#endif
    }
};

}  // namespace

Guest* guest() {
    static TheGuest the_guest;
    return &the_guest;
}
