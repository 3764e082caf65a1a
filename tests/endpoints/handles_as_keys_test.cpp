// SPDX-License-Identifier: MIT
// Counted handles in maps and sets: empty ones, equality, order and hash.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>
#include <support/trace.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::thrown;

template <class H>
void expect_empty(const H& empty) {
    static_assert(std::is_nothrow_default_constructible_v<H>);
    static_assert(!std::is_convertible_v<H, bool>, "not by accident");
    EXPECT_FALSE(empty);
    EXPECT_TRUE(empty == H());
    EXPECT_EQ(std::hash<H>()(empty), std::hash<H>()(H()));
}

// `a` and `b` refer to different things.
template <class H>
void expect_key(const H& a, const H& b) {
    const H copy = a;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_TRUE(a);
    EXPECT_TRUE(copy == a);
    EXPECT_FALSE(a == b);
    EXPECT_EQ(std::hash<H>()(copy), std::hash<H>()(a));
    std::unordered_set<H> hashed{a, b, copy};
    EXPECT_EQ(hashed.size(), 2u);
    EXPECT_TRUE(hashed.contains(b));
    hashed.erase(copy);
    EXPECT_FALSE(hashed.contains(a));
    std::unordered_map<H, std::string> names;
    names[b] = "b";
    EXPECT_EQ(names[b], "b");
    EXPECT_EQ(names.count(a), 0u);
}

template <class H>
void expect_ordered(const H& a, const H& b) {
    EXPECT_NE(a < b, b < a);
    std::set<H> ordered{a, b, a};
    EXPECT_EQ(ordered.size(), 2u);
    EXPECT_EQ(ordered.count(b), 1u);
    std::map<H, int> numbers;
    numbers[a] = 1;
    EXPECT_EQ(numbers.count(b), 0u);
}

template <class H>
void expect_in_map(const H& handle) {
    std::map<std::string, H> by_name;
    by_name["Ada"] = handle;
    EXPECT_TRUE(by_name["Ada"] == handle);
    EXPECT_FALSE(by_name["Grace"] == handle);
}

struct HandlesAsKeys : ::testing::Test, testing::LoopTest {};

TEST_F(HandlesAsKeys, EmptyOnesAreEqualAndFalse) {
    expect_empty(AnyFuture());
    expect_empty(Future<int>());
    expect_empty(AnyTask());
    expect_empty(Task<>());
    expect_empty(Handle());
    expect_empty(TimerHandle());
    expect_empty(StreamWriter());
    expect_empty(Server());
    expect_empty(Ref<Transport>());
}

TEST_F(HandlesAsKeys, FuturesAndTasks) {
    run([&]() -> Coro<> {
        const Future<int> a = loop().create_future<int>();
        const Future<int> b = loop().create_future<int>();
        expect_key(a, b);
        expect_ordered(a, b);
        expect_in_map(a);
        const Task<> first = create_task(sleep(0s));
        const Task<> second = create_task(sleep(0s));
        expect_key(first, second);
        expect_ordered(first, second);
        expect_in_map(first);
        const AnyTask same = first;
        expect_key(same, AnyTask(second));
        EXPECT_EQ(std::hash<AnyTask>()(same), std::hash<Task<>>()(first));
        co_await first;
        co_await second;
    });
}

TEST_F(HandlesAsKeys, ScheduledCallbacks) {
    const Handle soon = loop().call_soon([] {});
    expect_key(soon, loop().call_soon([] {}));
    expect_in_map(soon);
    const TimerHandle later = loop().call_later(1s, [] {});
    expect_key(later, loop().call_later(1s, [] {}));
    expect_in_map(later);
}

TEST_F(HandlesAsKeys, ThreadFutures) {
    const concurrent::Future<int> a;
    const concurrent::Future<int> b;
    expect_key(a, b);
    expect_ordered(a, b);
    expect_in_map(a);
    concurrent::Future<int> moved = a;
    const concurrent::Future<int> taken = std::move(moved);
    EXPECT_FALSE(moved);  // NOLINT(bugprone-use-after-move)
}

TEST_F(HandlesAsKeys, StreamsAndServers) {
    run([&]() -> Coro<> {
        auto ignore = [](StreamReader, StreamWriter writer) { writer.close(); };
        const Server server = co_await start_server(ignore, "127.0.0.1", 0);
        const Server other = co_await start_server(ignore, "127.0.0.1", 0);
        expect_key(server, other);
        expect_ordered(server, other);
        expect_in_map(server);
        const int port = server.sockets().at(0).getsockname().port();
        auto first = co_await open_connection("127.0.0.1", port);
        auto second = co_await open_connection("127.0.0.1", port);
        expect_key(first.first, second.first);
        expect_ordered(first.first, second.first);
        expect_in_map(first.first);
        expect_key(first.second, second.second);
        expect_ordered(first.second, second.second);
        expect_in_map(first.second);
        StreamReader moved = first.first;
        const StreamReader taken = std::move(moved);
        EXPECT_FALSE(moved);  // NOLINT(bugprone-use-after-move)
        first.second.close();
        second.second.close();
        server.close();
        other.close();
        co_await server.wait_closed();
        co_await other.wait_closed();
    });
}

TEST_F(HandlesAsKeys, AWriterThatWasNeverGivenSaysSo) {
    std::map<std::string, StreamWriter> writers;
    EXPECT_EQ(thrown<RuntimeError>([&] { writers["Ada"].write("hello"); }),
              "StreamWriter.write() on an empty handle");
    EXPECT_EQ(thrown<RuntimeError>([&] { (void)writers["Ada"].drain(); }),
              "StreamWriter.drain() on an empty handle");
    const Server none;
    EXPECT_EQ(thrown<RuntimeError>([&] { none.close(); }), "Server.close() on an empty handle");
    EXPECT_EQ(none.repr(), "<Server empty>");
}

}  // namespace
}  // namespace aio
