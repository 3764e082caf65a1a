// SPDX-License-Identifier: MIT
// A program that uses a bit of everything, so that all of the library is linked. tools/check_consumers.py
// compiles it in many ways.
#include "work.hpp"

#include <aio/aio.hpp>
#include <aio/concurrent.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

aio::Coro<int> late(int value) {
    co_await aio::sleep(1ms);
    co_return value;
}

// When the innermost ends, one continues the other: the stack overflows unless that is a jump, which it is
// with g++ at -O0 by aio's own flag only.
aio::Coro<int> nested(int depth) {
    co_await aio::sleep(0s);
    if (depth == 0) co_return 0;
    const int inner = co_await nested(depth - 1);
    co_return inner + 1;
}

aio::Coro<std::string> fails() {
    co_await aio::sleep(0s);
    throw std::runtime_error("on purpose");
}

aio::Coro<> echo(aio::StreamReader reader, aio::StreamWriter writer) {
    while (auto line = co_await reader.next_line()) {
        writer.write(std::move(*line));
        co_await writer.drain();
    }
    writer.close();
}

aio::Coro<std::string> ask(aio::SocketAddress address) {
    auto connection = co_await aio::open_connection(address.host(), address.port());
    auto& [reader, writer] = connection;
    writer.write("a line\n");
    auto answer = co_await reader.readline();
    writer.close();
    co_await writer.wait_closed();
    co_return answer;
}

aio::Coro<> put_late(aio::Queue<int>& queue, int value) {
    const int same = co_await late(value);
    co_await queue.put(same);
}

aio::Coro<int> sum_of_tasks(aio::TaskGroup& group, aio::Queue<int>& queue) {
    for (int i = 1; i <= 3; ++i) group.create_task(put_late(queue, i));
    int sum = 0;
    for (int i = 0; i < 3; ++i) sum += co_await queue.get();
    co_return sum;
}

aio::Coro<bool> is_cancelled_in_time() {
    try {
        co_await aio::wait_for(aio::sleep(1h), 1ms);
    } catch (const aio::TimeoutError&) {
        co_return true;
    }
    co_return false;
}

// Larger than what the C library keeps for the thread-locals of objects that are loaded later.
thread_local char scratch[16 * 1024];

int square(int value) {
    scratch[value] = 1;
    return value * value;
}

void check(bool right, const char* what) {
    if (right) return;
    std::fprintf(stderr, "wrong: %s\n", what);
    throw std::logic_error(what);
}

aio::Coro<> amain() {
    const int depth = co_await nested(100'000);
    check(depth == 100'000, "a long chain");
    auto task = aio::create_task(late(1));
    auto values = co_await aio::gather(late(2), std::move(task));
    check(values == std::tuple(2, 1), "gather() and create_task()");
    auto results = co_await aio::gather(aio::return_exceptions, fails(), late(3));
    check(std::get<0>(results).exception() != nullptr && std::get<1>(results).value() == 3,
          "return_exceptions");

    aio::Queue<int> queue;
    aio::TaskGroup group;
    const int sum = co_await aio::async_with(group, sum_of_tasks, std::ref(queue));
    check(sum == 6, "TaskGroup and Queue");
    const bool cancelled = co_await is_cancelled_in_time();
    check(cancelled, "wait_for()");
    const int squared = co_await aio::to_thread(square, 7);
    check(squared == 49, "to_thread()");

    auto server = co_await aio::start_server(echo, "127.0.0.1", 0);
    const auto answer = co_await ask(server.sockets()[0].getsockname());
    check(answer == "a line\n", "streams over TCP");
    server.close();
    co_await server.wait_closed();

    aio::concurrent::ThreadPoolExecutor pool(2);
    const std::vector<int> numbers{1, 2, 3};
    const std::vector<int> squares{1, 4, 9};
    check(pool.map(square, numbers).to_vector() == squares, "ThreadPoolExecutor");
    std::puts("all done");
}

}  // namespace

int work() { return aio::run(amain()); }
