// SPDX-License-Identifier: MIT
// S30 to S38: tasks. S98 and S99: their context variables.
#include "conformance.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S30_create_task_only_queues_the_first_step) {
    auto t = [&](int n) -> Coro<> {
        print("task", n);
        co_return;
    };
    run([&]() -> Coro<> {
        std::vector<Task<>> ts;
        for (int i = 0; i < 3; ++i) ts.push_back(create_task(t, i));
        print("main continues");
        co_await ts[2];
        print("done");
    });
    expect("main continues\ntask 0\ntask 1\ntask 2\ndone\n");
}

TEST_F(Conformance, S31_awaiting_a_coroutine_directly_is_a_plain_call) {
    auto nap = []() -> Coro<std::string> {
        co_await sleep(100ms);
        co_return current_task().get_name();
    };
    auto elapsed = [&](Duration since) { return (clock().elapsed() - since) / 100ms; };
    run([&]() -> Coro<> {
        Duration t = clock().elapsed();
        const std::string first = co_await nap();
        const std::string second = co_await nap();
        print(first == second ? 1 : 2, elapsed(t));
        t = clock().elapsed();
        Task<std::string> a = create_task(nap);
        Task<std::string> b = create_task(nap);
        co_await a;
        co_await b;
        print(elapsed(t));
        t = clock().elapsed();
        co_await create_task(nap);
        co_await create_task(nap);
        print(elapsed(t));
    });
    expect("1 2\n1\n2\n");  // in tenths of a second
}

TEST_F(Conformance, S32_eager_start_runs_the_first_step_inside_create_task) {
    AnyTask m;
    auto t = [&]() -> Coro<int> {
        print("in", current_task().get_name());
        co_return 7;
    };
    auto s = [&]() -> Coro<> {
        print("s1");
        co_await sleep(0s);
        print("s2");
    };
    run([&]() -> Coro<> {
        m = current_task();
        set_task_factory(loop(), eager_task_factory);
        Task<int> a = create_task(t(), "X");
        print("after", a.done(), current_task() == m);
        Task<> b = create_task(s());
        print("after s", b.done());
        co_await b;
    });
    expect("in X\nafter True True\ns1\nafter s False\ns2\n");
}

ContextVar<int> s33_variable("v", 0);

TEST_F(Conformance, S33_eager_tasks_have_their_own_context_and_can_be_cancelled) {
    auto setter = []() -> Coro<> {
        s33_variable.set(1);
        co_return;
    };
    auto bad = []() -> Coro<> {
        throw ValueError("kept");
        co_return;
    };
    run([&]() -> Coro<> {
        set_task_factory(loop(), eager_task_factory);
        create_task(setter());
        print(s33_variable.get());
        Task<> t = create_task(bad());
        print("no throw", repr(t.exception()));
        t = create_task(sleep(9s));
        t.cancel();
        std::vector<Task<>> ts{t};
        co_await wait(ts);
        print(t.cancelled());
    });
    expect("0\nno throw ValueError('kept')\nTrue\n");
}

TEST_F(Conformance, S34_a_task_cannot_be_completed_from_outside) {
    auto raiser = []() -> Coro<int> {
        throw CancelledError("own");
        co_return 0;
    };
    run([&]() -> Coro<> {
        Task<int> t = create_task(raiser);
        try {
            t.set_result(1);
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        try {
            t.set_exception(ValueError("x"));
        } catch (const RuntimeError& e) {
            print(e.what());
        }
        std::vector<Task<int>> ts{t};
        co_await wait(ts);
        print(t.cancelled(), t.cancelling());
    });
    expect(
        "Task does not support set_result operation\n"
        "Task does not support set_exception operation\n"
        "True 0\n");
}

TEST_F(Conformance, S35_names_current_task_all_tasks) {
    // Numbers count per process, and other tests have made tasks before.
    auto number = [](const std::string& name) { return std::stoull(name.substr(name.find('-') + 1)); };
    run([&]() -> Coro<> {
        Task<> t = create_task(sleep(0s));
        const auto first = number(current_task().get_name());
        print(number(t.get_name()) - first, all_tasks().size());
        t.set_name("io");
        loop().call_soon([&] { print("cb:", current_task() ? "a task" : "None"); });
        co_await t;
        bool listed = false;
        for (const AnyTask& task : all_tasks()) listed = listed || task == t;
        print(t.get_name(), t.done(), listed, all_tasks().size());
    });
    expect("1 2\ncb: None\nio True False 1\n");
}

// On purpose unlike CPython: the loop owns its tasks, so a task that nobody holds runs to its end.
TEST_F(Conformance, S36_the_loop_holds_tasks_strongly) {
    auto lost = [&]() -> Coro<> {
        co_await sleep(1s);
        print("still alive");
    };
    run([&]() -> Coro<> {
        report();
        create_task(lost);
        co_await sleep(2s);
        print("next");
    });
    expect("still alive\nnext\n");
}

TEST_F(Conformance, S36_a_task_destroyed_unfinished_is_reported) {
    EventLoopPtr other = new_event_loop();
    report(*other);
    other->create_task([](EventLoop& on) -> Coro<> { co_await on.create_future<>(); }, std::ref(*other));
    other->run_until_complete(sleep(0s));
    other = nullptr;
    print("next");
    expect("HANDLER: Task was destroyed but it is pending! ['task']\nnext\n");
}

TEST_F(Conformance, S36_tasks_that_others_answer_for_are_not_reported) {
    EventLoopPtr own = new_event_loop(LoopOptions().clock(std::make_shared<testing::VirtualClock>()));
    report(*own);
    auto nap = []() -> Coro<> { co_await sleep(10s); };
    auto main = [&]() -> Coro<> {
        std::vector<Coro<>> coroutines;
        coroutines.push_back(nap());
        auto inner = gather(std::move(coroutines));
        std::vector<AnyAwaitable<>> some;
        some.emplace_back(nap());
        some.emplace_back(own->create_task(nap()));
        auto mixed = gather(std::move(some));
        co_await gather(return_exceptions, nap(), own->create_task(nap()), std::move(inner), mixed);
    };
    own->call_later(1s, [&] { own->stop(); });
    try {
        own->run_until_complete(main());
    } catch (const RuntimeError& error) {
        print(error.what());
    }
    own = nullptr;
    print("next");
    expect(
        "Event loop stopped before Future completed.\n"
        "HANDLER: Task was destroyed but it is pending! ['task']\n"
        "HANDLER: Task was destroyed but it is pending! ['task']\n"
        "next\n");
}

TEST_F(Conformance, S37_closing_a_loop_leaves_tasks_unfinished_and_reports_them) {
    EventLoopPtr own = new_event_loop();
    report(*own);
    Task<> t = own->create_task(sleep(10s));
    own->run_until_complete(sleep(0s));
    own->close();
    print("closed", t.done());
    t = {};
    expect("closed False\nHANDLER: Task was destroyed but it is pending! ['task']\n");
}

TEST_F(Conformance, S38_exceptions_that_stop_everything) {
    auto die = []() -> Coro<> {
        throw SystemExit(3);
        co_return;
    };
    auto odd = []() -> Coro<> {
        throw GeneratorExit();  // no std::exception either, but nothing that ends the program
        co_return;
    };
    EventLoopPtr own = new_event_loop();
    Task<> t = own->create_task(die);
    Task<> u = own->create_task(odd);
    try {
        own->run_forever();
    } catch (const SystemExit& e) {
        print("exit", e.code(), repr(t.exception()));
    }
    own->run_until_complete(sleep(0s));
    print(repr(u.exception()));
    expect("exit 3 SystemExit(3)\nBaseException\n");
}

TEST_F(Conformance, S38_keyboard_interrupt_stops_the_loop_from_a_callback_too) {
    EventLoopPtr own = new_event_loop();
    own->call_soon([] { throw KeyboardInterrupt(); });
    own->call_soon([&] { print("later"); });
    try {
        own->run_forever();
    } catch (const KeyboardInterrupt&) {
        print("KeyboardInterrupt", own->is_running());
    }
    own->run_until_complete(sleep(0s));  // the loop can be used again
    expect("KeyboardInterrupt False\nlater\n");
}

ContextVar<int> s98_variable("v", 0);

TEST_F(Conformance, S98_context_is_copied_at_task_creation) {
    auto show = [&](const char* tag) -> Coro<> {
        print(tag, s98_variable.get());
        s98_variable.set(s98_variable.get() + 10);
        co_return;
    };
    run([&]() -> Coro<> {
        s98_variable.set(1);
        Task<> t = create_task(show("task"));
        s98_variable.set(2);
        co_await t;
        print("main", s98_variable.get());
        co_await show("direct");
        print("main", s98_variable.get());
        co_await gather(show("gathered"));
        print("main", s98_variable.get());
        Context c = copy_context();
        auto options = TaskOptions().context(c);
        co_await create_task(show("own"), options);
        print(c[s98_variable]);
    });
    expect(
        "task 1\n"
        "main 2\n"
        "direct 2\n"
        "main 12\n"
        "gathered 12\n"
        "main 12\n"
        "own 12\n"
        "22\n");
}

ContextVar<int> s99_variable("v", 0);

TEST_F(Conformance, S99_callbacks_run_in_the_context_of_their_registration) {
    run([&]() -> Coro<> {
        Future<int> f = loop().create_future<int>();
        s99_variable.set(1);
        loop().call_soon([&] { print("soon", s99_variable.get()); });
        f.add_done_callback([&](Future<int>) { print("done", s99_variable.get()); });
        loop().call_later(10ms, [&] {
            print("later", s99_variable.get());
            s99_variable.set(99);
        });
        s99_variable.set(2);
        f.set_result(0);
        co_await sleep(30ms);
        print("main", s99_variable.get());
    });
    expect("soon 1\ndone 1\nlater 1\nmain 2\n");
}

}  // namespace
}  // namespace aio::tests
