// SPDX-License-Identifier: MIT
// Futures and tasks: done callbacks, task factories, and the destructors of coroutines' locals, arguments
// and results.
#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <chrono>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kFuture = has::future;

// Keeps a future in the world, as what actions act upon.
template <class T>
Future<T> watched(World& w) {
    Future<T> made = w.loop->create_future<T>();
    w.any = made;
    w.future = w.loop->create_future<>();
    return made;
}

TEST(HostileFuture, DoneCallback) {
    everything(has::exceptions | kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.callback = w.future.add_done_callback([&w](const Future<>&) { w.strike("callback", 1); });
        w.future.add_done_callback([](const Future<>&) {});
        w.future.set_result();
        w.turns();
    });
}
TEST(HostileFuture, DoneCallbackArgument) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.callback = w.future.add_done_callback([hostile = Hostile(w)](const Future<>&) {});
        w.future.set_result();
        w.turns();
    });
}
TEST(HostileFuture, DoneCallbackRemoved) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.future.add_done_callback([](const Future<>&) {});
        const DoneCallback callback = w.future.add_done_callback([hostile = Hostile(w)](const Future<>&) {});
        w.future.add_done_callback([](const Future<>&) {});
        w.future.remove_done_callback(callback);
        w.turns();
    });
}
TEST(HostileFuture, EqualDoneCallbacksRemoved) {
    struct Equal {
        Hostile hostile;
        void operator()(const Future<>&) {}
        bool operator==(const Equal&) const { return true; }
    };
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.future.add_done_callback(Equal{Hostile(w, "first")});
        w.future.add_done_callback([](const Future<>&) {});
        w.future.add_done_callback(Equal{Hostile(w, "second")});
        Equal wanted{Hostile(w)};
        wanted.hostile.disarm();
        w.future.remove_done_callback(wanted);
        w.turns();
    });
}
TEST(HostileFuture, DoneCallbackOfAFutureThatDies) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.future.add_done_callback([hostile = Hostile(w, "first")](const Future<>&) {});
        w.future.add_done_callback([hostile = Hostile(w, "second")](const Future<>&) {});
        w.future = {};
        w.turns();
    });
}
TEST(HostileFuture, QueuedDoneCallbackOfAClosedLoop) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.future.add_done_callback([hostile = Hostile(w, "first")](const Future<>&) {});
        w.future.add_done_callback([hostile = Hostile(w, "second")](const Future<>&) {});
        w.future.set_result();
        w.loop->close();
    });
}

TEST(HostileFuture, Result) {
    everything(kFuture, [](World& w) {
        watched<Hostile>(w).set_result(Hostile(w));
        w.any = {};
        w.turns();
    });
}
TEST(HostileFuture, ResultTaken) {
    everything(kFuture, [](World& w) {
        Future<Hostile> future = watched<Hostile>(w);
        const auto taker = [](Future<Hostile> source) -> Coro<> {
            const Hostile taken = co_await std::move(source);
        };
        w.task = w.loop->create_task(taker, future);
        w.turns(2);
        if (!future.done()) future.set_result(Hostile(w));
        future = {};
        w.turns();
    });
}
TEST(HostileFuture, Error) {
    struct Error : std::runtime_error {
        explicit Error(World& w) : std::runtime_error("error"), hostile(std::make_shared<Hostile>(w)) {}
        std::shared_ptr<Hostile> hostile;
    };
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.future.set_exception(std::make_exception_ptr(Error(w)));
        w.future = {};
        w.turns();
    });
}

// --- tasks -----------------------------------------------------------------------------------------

TEST(HostileTask, Body) {
    everything(has::exceptions, [](World& w) {
        const auto body = [](World& world) -> Coro<> {
            co_await sleep(0s);
            world.strike("body", 1);
            co_await sleep(0s);
        };
        w.task = w.loop->create_task(body, std::ref(w));
        w.turns();
        w.task = {};
    });
}
TEST(HostileTask, BodyOfAnEagerTask) {
    everything(has::exceptions, [](World& w) {
        const auto body = [](World& world) -> Coro<> {
            world.strike("body", 1);
            co_await sleep(0s);
        };
        w.loop->call_soon([&w, body] {
            w.task = create_task(TaskOptions().eager_start(true), body, std::ref(w));
            w.task = {};
        });
        w.turns();
    });
}

Coro<> waits_with(Hostile hostile, Future<> future) {
    const Hostile local(std::move(hostile));
    co_await future;
}
Coro<> ends_with(Hostile hostile) {
    const Hostile local(std::move(hostile));
    co_await sleep(0s);
}
Coro<Hostile> gives(Hostile hostile) {
    co_await sleep(0s);
    co_return std::move(hostile);
}

TEST(HostileTask, LocalAtTheEnd) {
    everything(kFuture, [](World& w) {
        w.task = w.loop->create_task(ends_with(Hostile(w)));
        w.turns();
    });
}
TEST(HostileTask, LocalOfACancelledTask) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.task = w.loop->create_task(waits_with(Hostile(w), w.future));
        w.turns(2);
        w.task.cancel();
        w.turns();
    });
}
TEST(HostileTask, LocalOfAnInnerCoroutine) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        const auto outer = [](World& world) -> Coro<> { co_await waits_with(Hostile(world), world.future); };
        w.task = w.loop->create_task(outer, std::ref(w));
        w.turns(2);
        w.task.cancel();
        w.turns();
    });
}
TEST(HostileTask, LocalOfAnAwaitedTask) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        const auto waiter = [](AnyTask task) -> Coro<> { co_await task; };
        w.task = w.loop->create_task(waits_with(Hostile(w), w.future));
        w.any = w.loop->create_task(waiter, w.task);
        w.turns(2);
        w.any.cancel();
        w.turns();
    });
}
TEST(HostileTask, LocalOfATaskOfAClosedLoop) {
    everything(kFuture, [](World& w) {
        w.future = w.loop->create_future<>();
        w.task = w.loop->create_task(waits_with(Hostile(w, "first"), w.future));
        w.loop->create_task(waits_with(Hostile(w, "second"), w.future));
        w.loop->create_task(waits_with(Hostile(w, "third"), w.future));
        w.turns(2);
        w.loop->close();
    });
}
TEST(HostileTask, ArgumentOfATaskThatNeverStarts) {
    everything(kFuture, [](World& w) {
        w.task = w.loop->create_task(ends_with(Hostile(w)));
        w.task.cancel();
        w.turns();
    });
}
TEST(HostileTask, ArgumentOfATaskThatNeverStartsInAClosedLoop) {
    everything(kFuture, [](World& w) {
        w.task = w.loop->create_task(ends_with(Hostile(w, "first")));
        w.loop->create_task(ends_with(Hostile(w, "second")));
        w.loop->close();
    });
}
TEST(HostileTask, ArgumentOfACallable) {
    everything(kFuture, [](World& w) {
        const auto body = [](const Hostile&) -> Coro<> { co_await sleep(0s); };
        w.task = w.loop->create_task(body, Hostile(w));
        w.turns();
    });
}
TEST(HostileTask, Result) {
    everything(kFuture, [](World& w) {
        w.task = w.loop->create_task(gives(Hostile(w)));
        w.turns();
        w.task = {};
        w.turns();
    });
}
TEST(HostileTask, ResultOfAClosedLoop) {
    everything(kFuture, [](World& w) {
        w.task = w.loop->create_task(gives(Hostile(w)));
        w.turns();
        w.loop->close();
        w.task = {};
    });
}

TEST(HostileTask, ContextValue) {
    static ContextVar<std::shared_ptr<Hostile>> value("value");
    everything(kFuture, [](World& w) {
        Context context;
        context.run([&] { value.set(std::make_shared<Hostile>(w)); });
        w.task = w.loop->create_task(sleep(0s), TaskOptions().context(context));
        context = Context();
        w.turns();
        w.task = {};
    });
}

TEST(HostileTask, Factory) {
    everything(has::exceptions | kFuture, [](World& w) {
        set_task_factory(*w.loop, [&w](EventLoop& loop, TaskRequest& request) {
            (void)loop;
            w.strike("factory");
            return request.create();
        });
        w.loop->call_soon([&w] {
            w.task = create_task(sleep(0s));
            w.task = {};
        });
        w.turns();
    });
}
TEST(HostileTask, FactoryThatStrikesBehind) {
    everything(has::exceptions | kFuture, [](World& w) {
        set_task_factory(*w.loop, [&w](EventLoop&, TaskRequest& request) {
            const AnyTask task = request.create();
            w.strike("factory");
            return task;
        });
        w.loop->call_soon([&w] {
            w.task = create_task(sleep(0s));
            w.task = {};
        });
        w.turns();
    });
}
TEST(HostileTask, FactoryReplaced) {
    everything(kFuture, [](World& w) {
        set_task_factory(
            *w.loop, [hostile = Hostile(w)](EventLoop&, TaskRequest& request) { return request.create(); });
        set_task_factory(*w.loop, nullptr);
        w.turns();
    });
}

}  // namespace
}  // namespace aio::tests
