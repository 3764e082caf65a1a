// SPDX-License-Identifier: MIT
#pragma once

#include "program.hpp"

#include <aio/base/exception_group.hpp>
#include <aio/compose.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>

#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::differential {

/// An exception as both sides spell it; messages only where the program gave them.
std::string describe(const std::exception_ptr& error);

/// Runs a program of the differential test on aio and records what happens. interpreter.py is the same on
/// CPython's asyncio, statement by statement.
///
/// Actions never wait and may stand in a callback; waits may wait. Each is given its whole statement.
class Interpreter {
public:
    explicit Interpreter(EventLoop& loop);

    /// The driver: runs the main task, then cancels what is left until nothing is, and shows how all ended.
    Coro<> drive(const Node& program);

    const std::vector<std::string>& trace() const noexcept { return trace_; }

private:
    using Value = std::string;
    using Action = void (Interpreter::*)(const Node&);
    using Wait = Coro<> (Interpreter::*)(const Node&);
    struct Named {
        std::string name;
        Future<Value> future;
        bool is_task;
    };

    static const std::map<std::string_view, Action> kActions;
    static const std::map<std::string_view, Wait> kWaits;

    template <class... Words>
    void print(const Words&... words) {
        std::string line = stamp();
        ((line += " " + to_text(words)), ...);
        trace_.push_back(std::move(line));
    }
    template <class T>
    static std::string to_text(const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            return value ? "True" : "False";
        } else if constexpr (std::is_arithmetic_v<T>) {
            return std::to_string(value);
        } else {
            return std::string(value);
        }
    }
    std::string stamp() const;

    /// A new task, whose name and statements are at `place`; a statement that is run again makes no second
    /// one.
    template <class Owner>
    void begin(Owner& owner, const Node& statement, std::size_t place) {
        const std::string& name = statement.text(place);
        if (find(name)) return;
        named_.push_back(Named{name, owner.create_task(body(name, statement, place + 1), name), true});
    }
    Coro<Value> body(std::string name, const Node& statements, std::size_t from);
    Coro<> block(const Node& statements, std::size_t from);
    Coro<> one(const Node& statement);
    bool act(const Node& statement);
    void callback(const Node& statements, std::size_t from);
    const Named* find(std::string_view name) const;
    std::vector<Future<Value>> known(const Node& statement, std::size_t from) const;
    std::vector<Future<Value>> distinct(const Node& statement, std::size_t from) const;
    static std::string outcome(const Future<Value>& future);
    static Duration ticks(const std::string& count);

    void do_print(const Node&);
    void do_spawn(const Node&);
    void do_cancel(const Node&);
    void do_raise(const Node&);
    void do_cancelling(const Node&);
    void do_uncancel(const Node&);
    void do_future(const Node&);
    void do_set(const Node&);
    void do_fail(const Node&);
    void do_callback(const Node&);
    void do_soon(const Node&);
    void do_later(const Node&);
    void do_state(const Node&);
    void do_arriving(const Node&);

    Coro<> wait_sleep(const Node&);
    Coro<> wait_await(const Node&);
    Coro<> wait_try(const Node&);
    Coro<> wait_gather(const Node&);
    Coro<> wait_wait(const Node&);
    Coro<> wait_next(const Node&);
    Coro<> wait_shield(const Node&);
    Coro<> wait_timeout(const Node&);
    Coro<> wait_wait_for(const Node&);
    Coro<> wait_limited(const Node&);

    void do_event_set(const Node&);
    void do_event_clear(const Node&);
    void do_put_nowait(const Node&);
    void do_get_nowait(const Node&);
    Coro<> wait_lock(const Node&);
    Coro<> wait_event_wait(const Node&);
    Coro<> wait_put(const Node&);
    Coro<> wait_get(const Node&);
    void do_task_done(const Node&);
    Coro<> wait_join(const Node&);
    Coro<> wait_semaphore(const Node&);
    void do_release(const Node&);
    Coro<> wait_condition(const Node&);
    Coro<> wait_notify(const Node&);
    Coro<> wait_barrier(const Node&);
    Coro<> wait_barrier_reset(const Node&);
    Coro<> wait_barrier_abort(const Node&);

    Coro<> wait_group(const Node&);
    Coro<> wait_stack(const Node&);
    Coro<> push(AsyncExitStack& stack, const Node& exit);
    Coro<> wait_generator(const Node&);
    AsyncGenerator<std::size_t> items(const Node& body);

    EventLoop& loop_;
    TimePoint start_;
    std::vector<std::string> trace_;
    std::vector<Named> named_;  ///< tasks and futures, in the order of their creation
    Lock lock_;
    Event event_;
    Queue<Value> queue_{1};
    Semaphore semaphore_{2};
    Condition condition_;
    Barrier barrier_{2};
    std::optional<AsCompleted<Future<Value>>> arriving_;
};

}  // namespace aio::differential
