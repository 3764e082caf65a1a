// SPDX-License-Identifier: MIT
// The most used calls with arguments that they do not take.
#include <aio/aio.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct Pinned {
    Pinned() = default;
    Pinned(Pinned&&) = delete;
};
inline aio::Coro<int> number(int i) { co_return i; }
inline aio::Coro<> greet(std::string) { co_return; }
inline aio::Coro<> take(std::unique_ptr<int>) { co_return; }
inline aio::Coro<> change(Pinned&) { co_return; }
inline void plain(int) {}

// case: create_task with an argument too many
// says: this coroutine function cannot be called with these arguments
void program() { aio::create_task(greet, "Ada", 6); }

// case: create_task without an argument
// says: this coroutine function cannot be called with these arguments
void program() { aio::create_task(greet); }

// case: create_task with an argument of another type
// says: this coroutine function cannot be called with these arguments
void program() { aio::create_task(aio::TaskOptions().name("greeter"), greet, std::vector<int>()); }

// case: loop.create_task
// says: this coroutine function cannot be called with these arguments
void program(aio::EventLoop& loop) { loop.create_task(greet, 5, 6); }

// case: TaskGroup.create_task
// says: this coroutine function cannot be called with these arguments
void program(aio::TaskGroup& group) { group.create_task(greet, 5, 6); }

// case: create_task of a plain function
// says: this function gives nothing that can be awaited: a plain function is called by call_soon(fn,
// args...), or in a thread by to_thread(fn, args...)
void program() { aio::create_task(plain, 5); }

// case: create_task of a task
// says: this is a future or task already: await it, or give it to whatever takes both, such as gather() and
// ensure_future()
void program(aio::Task<> task) { aio::create_task(task); }

// case: create_task of a coroutine with arguments
// says: create_task(coroutine) takes TaskOptions, or a name behind it; arguments go to a function:
// create_task(fn, args...)
void program() { aio::create_task(greet("Ada"), 5); }

// case: create_task with options behind a function's arguments
// says: TaskOptions stand before a function: create_task(options, fn, args...)
void program() { aio::create_task(greet, "Ada", aio::TaskOptions().name("greeter")); }

// case: run with options behind a function's arguments
// says: RunOptions stand before a function: run(options, fn, args...)
int program() { return aio::run(greet, "Ada", aio::RunOptions().debug(true)); }

// case: create_task with what cannot be moved
// says: the arguments are kept as copies, and this function does not take them: give std::ref(object) for one
// that it changes
void program(Pinned& pinned) { aio::create_task(change, pinned); }

// case: create_task with what cannot be copied
// says: the arguments are kept until the call: std::move() one that cannot be copied
void program(std::unique_ptr<int>& number) { aio::create_task(take, number); }

// case: run with an argument of another type
// says: this coroutine function cannot be called with these arguments
int main() { return aio::run(number, "x"); }

// case: run of a plain function
// says: this function gives nothing that can be awaited: a plain function is called by call_soon(fn,
// args...), or in a thread by to_thread(fn, args...)
int main() { return aio::run(plain, 5); }

// case: gather of a number
// says: this cannot be awaited: coroutines, tasks and futures can, and a range of them that is given alone
aio::Coro<> program() { co_await aio::gather(number(1), 5); }

// case: gather with errors collected
// says: this cannot be awaited: coroutines, tasks and futures can, and a range of them that is given alone
aio::Coro<> program() { co_await aio::gather(aio::return_exceptions, number(1), 5); }

// case: gather of a function
// says: this is a function, which has to be called to give a coroutine: fn(args...)
aio::Coro<> program() { co_await aio::gather(number(1), number); }

// case: wait of a task
// says: wait() takes a range of tasks, futures or coroutines, or two of them and more; one is awaited by
// wait_for()
aio::Coro<> program(aio::Task<> task) { co_await aio::wait(task); }

// case: loop.create_task of a number
// says: create_task() takes a coroutine, or a function that gives one and its arguments
void program(aio::EventLoop& loop) { loop.create_task(5); }

// case: TaskGroup.create_task of nothing
// says: create_task() takes a coroutine, or a function that gives one and its arguments
void program(aio::TaskGroup& group) { group.create_task(); }

// case: shield of a function
// says: this is a function, which has to be called to give a coroutine: fn(args...)
aio::Coro<> program() { co_await aio::shield(number); }

// case: wait_for of a function
// says: this is a function, which has to be called to give a coroutine: fn(args...)
aio::Coro<> program() { co_await aio::wait_for(number, 1s); }

// case: as_result of a plain function
// says: this function gives nothing that can be awaited: a plain function is called by call_soon(fn,
// args...), or in a thread by to_thread(fn, args...)
aio::Coro<> program() { co_await aio::as_result(plain, 5); }

// case: sleep without a unit
// says: times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`
aio::Coro<> program() { co_await aio::sleep(5); }

// case: sleep with a result and without a unit
// says: times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`
aio::Coro<> program() { co_await aio::sleep(0.5, std::string("result")); }

// case: timeout without a unit
// says: times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`
aio::Timeout program() { return aio::timeout(5); }

// case: wait_for without a unit
// says: times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`
aio::Coro<> program() { co_await aio::wait_for(number(1), 0.5); }

// case: call_later without a unit
// says: times have units: write 5s or 500ms, after `using namespace std::chrono_literals;`
void program(aio::EventLoop& loop) { loop.call_later(5, plain, 1); }

// case: start_server with a callback that takes something else
// says: start_server() calls callback(StreamReader, StreamWriter), and this one cannot be called so
aio::Coro<> program() {
    co_await aio::start_server([](int) {}, "", 0);
}

// case: start_server with arguments that do not suit
// says: start_server() calls callback(args..., StreamReader, StreamWriter), and this one cannot be called so
aio::Coro<> program() {
    co_await aio::start_server("", 0, [](int, aio::StreamReader, aio::StreamWriter) {}, "text");
}

// case: writelines of pieces that stay the caller's
// says: writelines() moves out of the pieces: give it std::move(pieces)
void program(aio::StreamWriter& writer, std::vector<aio::WritePiece>& pieces) { writer.writelines(pieces); }

// case: writelines of const pieces
// says: writelines() moves out of the pieces: give it std::move(pieces)
void program(aio::Transport& transport, const std::vector<aio::WritePiece>& pieces) {
    transport.writelines(pieces);
}

// case: ssl(true) without TLS
// says: ssl(true) needs <aio/ssl.hpp>
void program() { (void)aio::open_connection("example.org", 443, aio::ConnectOptions().ssl(true)); }
