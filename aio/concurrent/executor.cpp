// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/concurrent/executor.hpp>

namespace aio::concurrent {

Executor::Executor() : life_(Ref<detail::ExecutorLife>::adopt(new detail::ExecutorLife)) {}

Executor::~Executor() { life_->end(); }

namespace detail {

bool ExecutorLife::enter() noexcept {
    if (!(users_.fetch_add(1) & kOver)) return true;
    leave();
    return false;
}

void ExecutorLife::leave() noexcept {
    if (users_.fetch_sub(1) == (kOver | 1)) futex_wake(users_, kEverybody);
}

void ExecutorLife::end() noexcept {
    std::uint32_t users = users_.fetch_or(kOver) | kOver;
    while (users != kOver) {
        futex_wait(users_, users);
        users = users_.load();
    }
}

void fail_future(FutureState& future, std::exception_ptr error) noexcept {
    try {
        future.set_exception(error);
    } catch (...) {
        aio::detail::log_text(LogLevel::error, [&] {
            return "the result of a call finds its future done: " + future.repr() + "\n" +
                   aio::format_exception(std::current_exception());
        });
    }
}

bool begin_call(FutureState& future) noexcept {
    try {
        return future.set_running_or_notify_cancel();
    } catch (...) {  // logged; somebody else has finished the future
        return false;
    }
}

}  // namespace detail
}  // namespace aio::concurrent
