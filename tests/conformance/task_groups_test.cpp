// SPDX-License-Identifier: MIT
// S75 to S84: TaskGroup.
#include "conformance.hpp"

#include <chrono>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// [repr(x) for x in group.exceptions]
std::vector<std::string> reprs(const BaseExceptionGroup& group) {
    std::vector<std::string> texts;
    for (const std::exception_ptr& error : group.exceptions()) {
        if (const auto* lookup = exception_ptr_cast<LookupError>(error)) {
            texts.push_back("KeyError('" + std::string(lookup->what()) + "')");
        } else {
            texts.push_back(repr(error));
        }
    }
    return texts;
}

Coro<> raise(const char* text) {
    throw ValueError(text);
    co_return;
}

TEST_F(Conformance, S75_the_block_ends_when_every_child_ended_and_errors_come_as_one_group) {
    auto bad = [](const char* text, Duration delay) -> Coro<> {
        try {
            co_await sleep(delay);
        } catch (const CancelledError&) {
            throw LookupError("in cleanup");
        }
        throw ValueError(text);
    };
    auto ok = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("sibling cancelled");
            throw;
        }
    };
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(ok);
        g.create_task(bad, "", 9s);
        g.create_task(bad, "1", 10ms);
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const ExceptionGroup& e) {
            print(e.message(), reprs(e));
        }
    });
    expect(
        "sibling cancelled\n"
        "unhandled errors in a TaskGroup [ValueError('1'), KeyError('in cleanup')]\n");
}

TEST_F(Conformance, S76_a_failing_child_interrupts_the_body) {
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(raise("x"));
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("body interrupted");
            throw;
        }
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (...) {
            except_star(except<ValueError>([&](const BaseExceptionGroup&) { print("group"); }));
        }
        print(current_task().cancelling());
        co_await sleep(0s);
        print("alive");
    });
    expect("body interrupted\ngroup\n0\nalive\n");
}

TEST_F(Conformance, S77_an_error_in_the_body_cancels_the_children_and_joins_the_group) {
    Task<> t;
    auto body = [&](TaskGroup& g) -> Coro<> {
        t = g.create_task(sleep(9s));
        co_await sleep(0s);
        throw ValueError("body");
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const ExceptionGroup& e) {
            print("ExceptionGroup", reprs(e), t.cancelled());
        }
    });
    expect("ExceptionGroup [ValueError('body')] True\n");
}

TEST_F(Conformance, S78_a_child_that_is_cancelled_alone_does_not_fail_the_group) {
    Task<> a;
    Task<std::string> b;
    auto body = [&](TaskGroup& g) -> Coro<> {
        a = g.create_task(sleep(9s));
        b = g.create_task(sleep(10ms, std::string("b")));
        co_await sleep(0s);
        a.cancel();
    };
    run([&]() -> Coro<> {
        co_await async_with(TaskGroup(), body);
        print(a.cancelled(), b.result());
    });
    expect("True b\n");
}

TEST_F(Conformance, S79_outside_cancellation_cancels_all_children_then_propagates) {
    auto fails = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            throw ValueError("cleanup");
        }
    };
    auto quiet = []() -> Coro<> { co_await sleep(9s); };
    auto body = [](TaskGroup& g, Coro<> child) -> Coro<> {
        g.create_task(std::move(child));
        co_return;
    };
    auto parent = [&](Coro<> child) -> Coro<> {
        bool failed = false;
        try {
            co_await async_with(TaskGroup(), body, std::move(child));
        } catch (const ExceptionGroup& e) {
            print("group", repr(e.exceptions()[0]), current_task().cancelling());
            failed = true;
        }
        if (!failed) co_return;
        co_await sleep(0s);
        print("went on");
    };
    run([&]() -> Coro<> {
        std::vector<Coro<>> children;
        children.push_back(quiet());
        children.push_back(fails());
        for (Coro<>& child : children) {
            Task<> p = create_task(parent(std::move(child)));
            co_await sleep(10ms);
            p.cancel();
            std::vector<Task<>> ps{p};
            co_await wait(ps);
            print(p.cancelled());
        }
    });
    expect("True\ngroup ValueError('cleanup') 1\nTrue\n");
}

TEST_F(Conformance, S80_when_tasks_may_be_added) {
    TaskGroup g;
    auto grandchild = [&]() -> Coro<> {
        g.create_task(sleep(0s)).add_done_callback([&](const Task<>&) { print("grandchild done"); });
        co_return;
    };
    auto body = [&](TaskGroup& group) -> Coro<> {
        group.create_task(grandchild);
        co_return;
    };
    auto nothing = []() -> Coro<> { co_return; };
    run([&]() -> Coro<> {
        Coro<> c = nothing();
        try {
            g.create_task(c);
        } catch (const RuntimeError&) {
            print("not entered");
        }
        EXPECT_FALSE(c);  // closed unrun, once
        co_await async_with(g, body);
        c = nothing();
        try {
            g.create_task(c);
        } catch (const RuntimeError&) {
            print("finished");
        }
        EXPECT_FALSE(c);
    });
    expect("not entered\ngrandchild done\nfinished\n");
}

TEST_F(Conformance, S81_keyboard_interrupt_and_system_exit_are_not_grouped) {
    auto quit = []() -> Coro<> {
        throw SystemExit(4);
        co_return;
    };
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(quit);
        g.create_task(sleep(9s));
        co_return;
    };
    auto main = [&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const SystemExit&) {
            print("SystemExit");
            throw;
        }
    };
    // The exit leaves the loop in the child's step; run()'s clean-up then lets the scope end.
    try {
        aio::run(main());
    } catch (const SystemExit& e) {
        print("exit", e.code());
    }
    expect("SystemExit\nexit 4\n");
}

TEST_F(Conformance, S82_nested_groups) {
    auto inner_body = [](TaskGroup& g) -> Coro<> {
        g.create_task(raise("deep"));
        co_return;
    };
    auto inner = [&]() -> Coro<> { co_await async_with(TaskGroup(), inner_body); };
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(inner);
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const ExceptionGroup& e) {
            const auto* nested = exception_ptr_cast<ExceptionGroup>(e.exceptions()[0]);
            print(e.exceptions().size(), nested ? "ExceptionGroup" : "another", nested->exceptions().size(),
                  repr(nested->exceptions()[0]));
        }
    });
    expect("1 ExceptionGroup 1 ValueError('deep')\n");
}

TEST_F(Conformance, S82_inner_children_end_before_outer_siblings_are_cancelled) {
    auto child = [&](std::string name, int turns) -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print(name, "cancelled");
        }
        for (int turn = 0; turn < turns; ++turn) co_await sleep(0s);
        print(name, "ended");
        throw CancelledError();
    };
    auto inner_body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(child, "inner", 5);
        co_await sleep(0s);
        g.create_task(raise("deep"));
    };
    auto inner = [&]() -> Coro<> { co_await async_with(TaskGroup(), inner_body); };
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(child, "sibling", 0);
        g.create_task(inner);
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(TaskGroup(), body);
        } catch (const ExceptionGroup& e) {
            print(e.exceptions().size());
        }
    });
    expect("inner cancelled\ninner ended\nsibling cancelled\nsibling ended\n1\n");
}

TEST_F(Conformance, S83_an_eager_child_that_fails_at_once_does_not_cancel_the_parent_inside_create_task) {
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(raise("x"));
        print("after create", current_task().cancelling());
        co_await sleep(0s);
        co_await sleep(0s);
        print("body finished");
    };
    run([&]() -> Coro<> {
        set_task_factory(loop(), eager_task_factory);
        try {
            co_await async_with(TaskGroup(), body);
        } catch (...) {
            except_star(except<ValueError>([&](const BaseExceptionGroup&) { print("group"); }));
        }
    });
    expect("after create 0\ngroup\n");
}

// From the documentation of 3.15, line by line.
TEST_F(Conformance, S84_cancel_ends_the_group_early_without_an_error) {
    auto child = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("child cancelled");
            throw;
        }
    };
    auto body = [&](TaskGroup& g) -> Coro<> {
        g.create_task(child);
        co_await sleep(10ms);
        g.cancel();
        g.cancel();
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("body cancelled");
            throw;
        }
    };
    auto idle = [&]() -> Coro<> {
        co_await sleep(0s);
        print("not reached");
    };
    run([&]() -> Coro<> {
        TaskGroup g;
        co_await async_with(g, body);
        print("ended", current_task().cancelling());
        g.cancel();  // after the end
        co_await sleep(0s);
        print("alive");
        TaskGroup before;
        before.cancel();
        co_await async_with(before, idle);
        print("cancelled on entry", current_task().cancelling());
    });
    expect("child cancelled\nbody cancelled\nended 0\nalive\ncancelled on entry 0\n");
}

}  // namespace
}  // namespace aio::tests
