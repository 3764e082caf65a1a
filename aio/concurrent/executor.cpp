// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/concurrent/executor.hpp>

namespace aio::concurrent::detail {

void fail_future(FutureState& future, std::exception_ptr error) noexcept {
    try {
        future.set_exception(error);
    } catch (...) {
        log(LogLevel::error, "the result of a call finds its future done: " + future.repr() + "\n" +
                                 aio::detail::describe_fully(std::current_exception()));
    }
}

bool begin_call(FutureState& future) noexcept {
    try {
        return future.set_running_or_notify_cancel();
    } catch (const RuntimeError&) {  // logged; somebody else has finished the future
        return false;
    }
}

}  // namespace aio::concurrent::detail
