// SPDX-License-Identifier: MIT
// A coroutine where a function is called.
#include <aio/aio.hpp>

#include <csignal>
#include <string>
#include <utility>

using namespace std::chrono_literals;

inline aio::Coro<> greet(std::string) { co_return; }
inline aio::Coro<> tick() { co_return; }
inline aio::AsyncGenerator<int> count() { co_yield 1; }

// case: call_soon of a coroutine
// says: a callback is a function, and this is a coroutine: give it to create_task()
void program(aio::EventLoop& loop) { loop.call_soon(greet("Ada")); }

// case: call_soon of a coroutine function
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.call_soon(greet, "Ada"); }

// case: call_soon in a context
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.call_soon(aio::copy_context(), tick); }

// case: call_soon of an operation that has to be awaited
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop, aio::Event& event) { loop.call_soon(&aio::Event::wait, &event); }

// case: call_soon of an async generator
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.call_soon(count); }

// case: call_soon with other arguments
// says: the callback cannot be called with these arguments: they are kept as copies and given as lvalues;
// what is to be changed is given as std::ref(object)
void program(aio::EventLoop& loop) {
    loop.call_soon([](int) {}, std::string("5"));
}

// case: call_soon without an argument
// says: the callback cannot be called with these arguments: they are kept as copies and given as lvalues;
// what is to be changed is given as std::ref(object)
void program(aio::EventLoop& loop, void (*fn)(int)) { loop.call_soon(fn); }

// case: call_soon of what is no function
// says: the callback cannot be called with these arguments: they are kept as copies and given as lvalues;
// what is to be changed is given as std::ref(object)
void program(aio::EventLoop& loop) { loop.call_soon(5); }

// case: call_soon_threadsafe
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) {
    loop.call_soon_threadsafe([] { return tick(); });
}

// case: call_soon_threadsafe of a coroutine
// says: a callback is a function, and this is a coroutine: give it to create_task()
void program(aio::EventLoop& loop) { loop.call_soon_threadsafe(tick()); }

// case: call_later
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.call_later(1s, tick); }

// case: call_later of a coroutine
// says: a callback is a function, and this is a coroutine: give it to create_task()
void program(aio::EventLoop& loop) { loop.call_later(1s, tick()); }

// case: call_at
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.call_at(loop.time() + 1s, tick); }

// case: add_signal_handler
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.add_signal_handler(SIGTERM, greet, "Ada"); }

// case: add_signal_handler of a coroutine
// says: a callback is a function, and this is a coroutine: give it to create_task()
void program(aio::EventLoop& loop) { loop.add_signal_handler(SIGTERM, tick()); }

// case: add_reader
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.add_reader(0, tick); }

// case: add_writer
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) { loop.add_writer(1, tick); }

// case: add_done_callback of a task
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::Task<int> task) {
    task.add_done_callback([](const aio::Task<int>&) -> aio::Coro<> { co_return; });
}

// case: add_done_callback of a coroutine
// says: a callback is a function, and this is a coroutine: give it to create_task()
void program(aio::Future<int> future) { future.add_done_callback(tick()); }

// case: add_done_callback that does not take the future
// says: a done callback is called with its bound arguments followed by the future
void program(aio::Future<int> future) {
    future.add_done_callback([] {});
}

// case: add_done_callback of a thread's future
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::concurrent::Future<int> future) {
    future.add_done_callback([](const aio::concurrent::Future<int>&) { return tick(); });
}

// case: a thread's future with a callback that does not take it
// says: a done callback is called with its bound arguments followed by the future
void program(aio::concurrent::Future<int> future) {
    future.add_done_callback([] {});
}

// case: set_exception_handler
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
void program(aio::EventLoop& loop) {
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) { return tick(); });
}

// case: run_in_executor
// says: coroutines run in loops, not in executors: await this one
void program(aio::EventLoop& loop) { std::ignore = loop.run_in_executor(nullptr, tick); }

// case: to_thread
// says: coroutines run in loops, not in executors: await this one
aio::Coro<> program() { co_await aio::to_thread(greet, "Ada"); }

// case: start_server with an async generator
// says: the callback gives a coroutine, which nobody would run: give a function that calls create_task(fn,
// args...)
aio::Coro<> program() {
    co_await aio::start_server([](aio::StreamReader, aio::StreamWriter) { return count(); }, "", 0);
}
