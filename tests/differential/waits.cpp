// SPDX-License-Identifier: MIT
// Statements that wait for several things at once, for a limited time or behind a shield: waits.py.
#include "interpreter.hpp"

#include <functional>

namespace aio::differential {
namespace {

// CPython loses the message of a cancelled task here (it is kept for the first awaiter only).
std::string entry(const Result<std::string>& result) {
    if (!result.exception()) return result.value();
    const std::string text = describe(result.exception());
    return text.starts_with("CancelledError") ? "CancelledError" : text;
}

}  // namespace

Coro<> Interpreter::wait_gather(const Node& s) {
    const std::vector<Future<Value>> futures = known(s, 2);
    std::string words;
    if (s.text(1) == "return") {
        const std::vector<Result<Value>> results = co_await gather(return_exceptions, futures);
        for (const Result<Value>& result : results) words += " " + entry(result);
    } else {
        const std::vector<Value> values = co_await gather(futures);
        for (const Value& value : values) words += " " + value;
    }
    print("gathered" + words);
}

Coro<> Interpreter::wait_wait(const Node& s) {
    const std::vector<Future<Value>> futures = distinct(s, 3);
    if (futures.empty()) co_return;
    WaitOptions options;
    if (s.text(1) == "first") options.return_when(FIRST_COMPLETED);
    if (s.text(1) == "error") options.return_when(FIRST_EXCEPTION);
    if (s.text(2) != "-") options.timeout(ticks(s.text(2)));
    const WaitResult<Future<Value>> result = co_await wait(futures, options);
    std::string words;
    for (const Future<Value>& future : futures) words += result.done.contains(future) ? " done" : " pending";
    print("waited" + words);
}

// What all tasks' (next) take from, from now on.
void Interpreter::do_arriving(const Node& s) {
    TimeLimit limit = std::nullopt;
    if (s.text(1) != "-") limit = ticks(s.text(1));
    arriving_ = as_completed(distinct(s, 2), limit);
}

Coro<> Interpreter::wait_next(const Node&) {
    if (!arriving_) co_return;
    auto next = arriving_->begin();
    if (next == arriving_->end()) co_return;
    const Value value = co_await *next;
    print("arrived", value);
}

Coro<> Interpreter::wait_shield(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) co_return;
    const Future<Value> future = named->future;
    const Value value = co_await shield(future);
    print("shielded", value);
}

Coro<> Interpreter::wait_timeout(const Node& s) {
    Timeout scope = timeout(ticks(s.text(1)));
    co_await async_with(scope, &Interpreter::block, this, std::cref(s), std::size_t{2});
    print("timeout left", scope.expired());
}

Coro<> Interpreter::wait_wait_for(const Node& s) {
    const Named* named = find(s.text(2));
    if (!named) co_return;
    const Future<Value> future = named->future;
    const Value value = co_await wait_for(future, ticks(s.text(1)));
    print("in time", value);
}

// wait_for() of a coroutine.
Coro<> Interpreter::wait_limited(const Node& s) {
    co_await wait_for(block(s, 2), ticks(s.text(1)));
    print("limited ends");
}

}  // namespace aio::differential
