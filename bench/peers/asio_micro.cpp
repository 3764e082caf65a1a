// SPDX-License-Identifier: MIT
// The microbenchmarks on Boost.Asio's awaitables.
#include "../measure.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <atomic>
#include <thread>

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using boost::system::error_code;
using measure::sink;

namespace {

asio::io_context io(1);

__attribute__((noinline)) awaitable<int> child(int i) { co_return i; }

awaitable<void> call(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await child(static_cast<int>(i));
}

awaitable<void> spawn(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        sink += co_await asio::co_spawn(io, child(static_cast<int>(i)), use_awaitable);
    }
}

// Every child reports to a counter; the last one wakes the waiting coroutine through a channel.
awaitable<void> gather(std::uint64_t n, std::uint64_t width) {
    for (std::uint64_t i = 0; i < n; i += width) {
        asio::experimental::channel<void(error_code)> done(io, 1);
        std::uint64_t left = width;
        for (std::uint64_t j = 0; j < width; ++j) {
            asio::co_spawn(io, child(static_cast<int>(j)), [&](std::exception_ptr, int value) {
                sink += value;
                if (--left == 0) done.try_send(error_code());
            });
        }
        co_await done.async_receive(use_awaitable);
    }
}

awaitable<void> yield(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await asio::post(io, use_awaitable);
}

awaitable<void> sleeper(asio::steady_timer::time_point deadline) {
    asio::steady_timer timer(io, deadline);
    co_await timer.async_wait(use_awaitable);
}

awaitable<void> timer(std::uint64_t n) {
    asio::steady_timer timer(io);
    for (std::uint64_t i = 0; i < n; ++i) {
        timer.expires_after(std::chrono::seconds(10));
        timer.async_wait([](error_code) {});
        timer.cancel();
        if ((i & 63) == 0) co_await asio::post(io, use_awaitable);
    }
}

// A call on a thread pool whose result comes back to the coroutine's executor.
int work(int i) { return i; }
awaitable<int> call_in(asio::thread_pool& pool, int i) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(int)>(
        [&pool, i](auto handler) {
            asio::post(pool, [handler = std::move(handler), i]() mutable {
                const int result = work(i);
                const auto back = asio::get_associated_executor(handler);
                asio::post(back,
                           [handler = std::move(handler), result]() mutable { std::move(handler)(result); });
            });
        },
        use_awaitable);
}
awaitable<void> to_thread(std::uint64_t n) {
    asio::thread_pool pool(1);
    const auto guard = asio::make_work_guard(io);
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await call_in(pool, static_cast<int>(i));
}

// Another thread posts `batch` callbacks and waits until they have run, again and again.
void post_across(std::uint64_t n, std::uint64_t batch) {
    auto guard = asio::make_work_guard(io);
    std::atomic<std::uint64_t> ran{0};
    std::thread poster([&] {
        for (std::uint64_t i = 0; i < n; i += batch) {
            for (std::uint64_t j = 1; j < batch; ++j) asio::post(io, [] { ++sink; });
            asio::post(io, [&ran, batch] {
                ran.fetch_add(batch);
                ran.notify_one();
            });
            ran.wait(i);
        }
        guard.reset();
    });
    io.run();
    poster.join();
}

// Asio has no lock: its users take a channel of one, as here.
using Channel = asio::experimental::channel<void(error_code, int)>;

awaitable<void> pong(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const int item = co_await there.async_receive(use_awaitable);
        co_await back.async_send(error_code(), item, use_awaitable);
    }
}
awaitable<void> ping(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await there.async_send(error_code(), static_cast<int>(i), use_awaitable);
        sink += co_await back.async_receive(use_awaitable);
    }
}
awaitable<void> fill(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await items.async_send(error_code(), static_cast<int>(i), use_awaitable);
    }
}
awaitable<void> drain(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await items.async_receive(use_awaitable);
}
awaitable<void> hand_over(Channel& lock, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await lock.async_send(error_code(), 1, use_awaitable);
        co_await asio::post(io, use_awaitable);  // else the other one never has to wait
        co_await lock.async_receive(use_awaitable);
    }
}

void start(awaitable<void> coroutine) {
    asio::co_spawn(io, std::move(coroutine), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
}

void post(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        asio::post(io, [] { ++sink; });
        if ((i & 1023) == 1023) {
            io.run();
            io.restart();
        }
    }
}

void sleep(std::uint64_t n) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    for (std::uint64_t i = 0; i < n; ++i) start(sleeper(deadline));
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const std::string& bench = request.bench;
    const std::uint64_t n = request.count;
    Channel there(io, bench == "queue" ? 1024 : 1);
    Channel back(io, 1);
    const measure::Span span;
    if (bench == "call") {
        start(call(n));
    } else if (bench == "spawn") {
        start(spawn(n));
    } else if (bench == "gather1k") {
        start(gather(n, 1000));
    } else if (bench == "gather100k") {
        start(gather(n, 100000));
    } else if (bench == "yield") {
        start(yield(n));
    } else if (bench == "post") {
        post(n);
    } else if (bench == "timer") {
        start(timer(n));
    } else if (bench == "to_thread") {
        start(to_thread(n));
    } else if (bench == "post_thread") {
        post_across(n, 1);
    } else if (bench == "post_thread_batch") {
        post_across(n / 1024 * 1024, 1024);
    } else if (bench == "sleep") {
        sleep(n);
    } else if (bench == "pingpong") {
        start(pong(there, back, n));
        start(ping(there, back, n));
    } else if (bench == "queue") {
        start(fill(there, n));
        start(drain(there, n));
    } else if (bench == "lock") {
        start(hand_over(there, n / 2));
        start(hand_over(there, n / 2));
    } else {
        request.unknown();
    }
    io.run();
    span.report(bench, n);
}
