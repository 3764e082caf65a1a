// SPDX-License-Identifier: MIT
// The forgotten co_await: a warning for every awaitable, which this check makes an error.
#include <aio/aio.hpp>

#include <array>
#include <string>
#include <vector>

using namespace std::chrono_literals;

inline aio::Coro<int> number() { co_return 1; }
inline aio::AsyncGenerator<int> count() { co_yield 1; }

// case: a coroutine
// says: a coroutine does nothing until it is awaited or made a task
void program() { number(); }

// case: sleep
// says: nothing sleeps until this is awaited
void program() { aio::sleep(1s); }

// case: wait_for
// says: nothing is awaited until this is
void program() { aio::wait_for(number(), 1s); }

// case: as_result
// says: a coroutine does nothing until it is awaited or made a task
void program() { aio::as_result(number()); }

// case: wait
// says: nothing waits until this is awaited
void program(std::vector<aio::Task<>> tasks) { aio::wait(tasks); }

// case: as_completed().next
// says: nothing waits until this is awaited
void program(std::vector<aio::Task<>> tasks) { aio::as_completed(tasks).next(); }

// case: timeout as a block
// says: nothing runs until this is awaited
void program() { aio::async_with(aio::timeout(1s), number); }

// case: async_with
// says: a coroutine does nothing until it is awaited or made a task
void program(aio::TaskGroup& group) { aio::async_with(group, number); }

// case: select
// says: nothing waits until this is awaited
void program(aio::Queue<int>& queue, aio::Event& stop) { aio::select(queue.get(), stop.wait()); }

// case: to_thread
// says: nothing is called until this is awaited
void program() {
    aio::to_thread([] {});
}

// case: Event.wait
// says: nothing waits until this is awaited
void program(aio::Event& event) { event.wait(); }

// case: Lock.acquire
// says: nothing is acquired until this is awaited
void program(aio::Lock& lock) { lock.acquire(); }

// case: Lock.guard
// says: nothing is acquired until this is awaited
void program(aio::Lock& lock) { lock.guard(); }

// case: Condition.acquire
// says: nothing is acquired until this is awaited
void program(aio::Condition& condition) { condition.acquire(); }

// case: Condition.wait
// says: does nothing until it is awaited
void program(aio::Condition& condition) { condition.wait(); }

// case: Condition.wait_for
// says: does nothing until it is awaited
void program(aio::Condition& condition) {
    condition.wait_for([] { return true; });
}

// case: Semaphore.acquire
// says: nothing is acquired until this is awaited
void program(aio::Semaphore& semaphore) { semaphore.acquire(); }

// case: Barrier.wait
// says: does nothing until it is awaited
void program(aio::Barrier& barrier) { barrier.wait(); }

// case: Queue.get
// says: nothing is taken until this is awaited
void program(aio::Queue<int>& queue) { queue.get(); }

// case: Queue.put
// says: nothing is put until this is awaited
void program(aio::Queue<int>& queue) { queue.put(1); }

// case: Queue.join
// says: nothing waits until this is awaited
void program(aio::Queue<int>& queue) { queue.join(); }

// case: AsyncGenerator.next
// says: nothing runs until this is awaited
void program(aio::AsyncGenerator<int>& generator) { generator.next(); }

// case: an async generator
// says: an async generator does nothing until it is iterated
void program() { count(); }

// case: AsyncGenerator.aclose
// says: does nothing until it is awaited
void program(aio::AsyncGenerator<int>& generator) { generator.aclose(); }

// case: anext
// says: nothing runs until this is awaited
void program(aio::AsyncGenerator<int>& generator) { aio::anext(generator); }

// case: StreamReader.read
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.read(10); }

// case: StreamReader.readline
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.readline(); }

// case: StreamReader.readexactly
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.readexactly(4); }

// case: StreamReader.readuntil
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.readuntil(); }

// case: StreamReader.next_line
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.next_line(); }

// case: StreamReader.read_view
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.read_view(); }

// case: StreamReader.next_chunk
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.next_chunk(); }

// case: StreamReader.fill
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader) { reader.fill(); }

// case: StreamReader.read_into
// says: nothing is read until this is awaited
void program(aio::StreamReader& reader, std::array<char, 8>& memory) { reader.read_into(memory); }

// case: StreamWriter.drain
// says: nothing waits until this is awaited
void program(aio::StreamWriter& writer) { writer.drain(); }

// case: StreamWriter.wait_closed
// says: nothing waits until this is awaited
void program(aio::StreamWriter& writer) { writer.wait_closed(); }

// case: open_connection
// says: a coroutine does nothing until it is awaited or made a task
void program() { aio::open_connection("localhost", 80); }

// case: Server.serve_forever
// says: a coroutine does nothing until it is awaited or made a task
void program(aio::Server& server) { server.serve_forever(); }

// case: Server.wait_closed
// says: a coroutine does nothing until it is awaited or made a task
void program(aio::Server& server) { server.wait_closed(); }

// case: a generator
// says: a generator does nothing until it is iterated
inline aio::Generator<int> numbers() { co_yield 1; }
void program() { numbers(); }
