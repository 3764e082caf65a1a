// SPDX-License-Identifier: MIT
#include <aio/compose/wait.hpp>
#include <aio/compose/wait_for.hpp>

#include <vector>

namespace aio {

// Only to be pointed at: what `wait_for` calls itself.
static SourceLocation wait_for() { return SourceLocation::current(); }

namespace detail {

SourceLocation WaitForBase::location() noexcept { return aio::wait_for(); }

bool WaitForBase::begin() {
    if (std::exchange(state_, State::ended) == State::ended) raise_reused();
    const std::optional<Duration>& delay = limit_.delay();
    if (delay) {
        if (*delay <= Duration::zero()) return false;
        timeout_.start(*here.loop, *delay);
    }
    timeout_.enter_ahead();
    return true;
}

Coro<> cancel_and_wait(AnyFuture future) {
    future.cancel();
    const std::vector<AnyFuture> all{future};
    co_await wait(all);
    if (future.cancelled()) throw TimeoutError();
}

}  // namespace detail
}  // namespace aio
