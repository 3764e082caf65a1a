// SPDX-License-Identifier: MIT
// Arguments that are not what the callable takes, for all that keeps `fn, args...`: nothing refers to a
// temporary of the call, or to what the caller had.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

// Longer than a string keeps in itself.
const char* const kText = "a text that a string has to allocate";

struct Arguments : ::testing::Test, testing::LoopTest {
    std::string seen;

    Coro<> method(const std::string& text) {
        co_await sleep(1s);
        seen = text;
    }
};

Coro<std::string> greet(const std::string& name) {
    co_await sleep(1s);
    co_return "hello " + name;
}
Coro<std::string> greet_view(const std::string_view& name) {
    co_await sleep(1s);
    co_return "hello " + std::string(name);
}
Coro<std::string> greet_value(std::string name) {
    co_await sleep(1s);
    co_return "hello " + name;
}
struct Overloaded {
    Coro<std::string> operator()(const std::string& name) const { return greet(name); }
    Coro<std::string> operator()(int) const { co_return "no"; }
};
const std::string kGreeting = std::string("hello ") + kText;

TEST_F(Arguments, OfATask) {
    run([&]() -> Coro<> {
        Task<std::string> task = create_task(greet, kText);
        EXPECT_EQ(co_await task, kGreeting);
        task = loop().create_task(TaskOptions().name("named"), greet, kText);
        EXPECT_EQ(co_await task, kGreeting);
        task = create_task([](const std::string& name) { return greet(name); }, kText);
        EXPECT_EQ(co_await task, kGreeting);
        Task<> method_task = create_task(&Arguments::method, this, kText);
        co_await method_task;
        EXPECT_EQ(seen, kText);
    });
    const std::string text = run(greet, kText);
    EXPECT_EQ(text, kGreeting);
}

// The parameters of these cannot be known.
TEST_F(Arguments, OfATaskWhoseParametersNobodyKnows) {
    auto generic = [](int, const std::string& name, auto) -> Coro<std::string> {
        co_await sleep(1s);
        co_return "hello " + name;
    };
    run([&]() -> Coro<> {
        Task<std::string> task = create_task(Overloaded(), kText);
        EXPECT_EQ(co_await task, kGreeting);
        task = create_task(generic, 1, kText, 2.0);
        EXPECT_EQ(co_await task, kGreeting);
        task = create_task(greet_view, std::string(kText));
        EXPECT_EQ(co_await task, kGreeting);
    });
}

// What the caller had is gone when the task begins.
TEST_F(Arguments, OfATaskAreTakenAtOnce) {
    run([&]() -> Coro<> {
        Task<std::string> task;
        Task<std::string> by_value;
        {
            auto buffer = std::make_unique<std::string>(kText);
            task = create_task(greet, buffer->c_str());
            by_value = create_task(greet_value, buffer->c_str());
        }
        EXPECT_EQ(co_await task, kGreeting);
        EXPECT_EQ(co_await by_value, kGreeting);
    });
}

// How many there are; can be made of a number.
struct Counted {
    static inline int alive = 0;
    explicit(false) Counted(int) { ++alive; }
    Counted(const Counted&) { ++alive; }
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --alive; }
};

// Each is destroyed once, also temporaries that live across an await.
TEST_F(Arguments, AreDestroyedOnce) {
    auto by_value = [](Counted) -> Coro<> { co_await sleep(1s); };
    auto by_reference = [](const Counted&) -> Coro<> { co_await sleep(1s); };
    auto generic = [](const Counted&, auto) -> Coro<> { co_await sleep(1s); };
    auto generic_by_value = [](Counted, auto) -> Coro<> { co_await sleep(1s); };
    Lock lock;
    run([&]() -> Coro<> {
        std::vector<Task<>> tasks{create_task(by_value, 1), create_task(by_reference, 1),
                                  create_task(generic, 1, 2), create_task(generic_by_value, 1, 2),
                                  create_task(generic_by_value, Counted(1), 2)};
        co_await sleep(500ms);
        EXPECT_GE(Counted::alive, 5);
        co_await gather(tasks);
        tasks.clear();
        co_await async_with(lock, by_reference, 1);
        co_await async_with(lock, generic_by_value, 1, 2);
        co_await async_with(timeout(2s), by_value, 1);
        co_await async_with(timeout(2s), generic, 1, 2);
        co_await async_with(timeout(2s), generic_by_value, 1, 2);
    });
    EXPECT_EQ(Counted::alive, 0);
}

TEST_F(Arguments, OfAGroupsTask) {
    std::string text;
    auto body = [&](TaskGroup& group) -> Coro<> {
        auto task = group.create_task(greet, kText);
        auto second = group.create_task(Overloaded(), kText);
        EXPECT_EQ(co_await second, kGreeting);
        text = co_await task;
    };
    run([&]() -> Coro<> { co_await async_with(TaskGroup(), body); });
    EXPECT_EQ(text, kGreeting);
}

TEST_F(Arguments, OfTheBodyOfAsyncWith) {
    auto takes_value = [](int& value, const std::string& name) -> Coro<std::string> {
        co_await sleep(1s);
        co_return name + std::to_string(value);
    };
    auto takes_limit = [](Timeout& limit, const std::string& name) -> Coro<std::string> {
        co_await sleep(1s);
        co_return limit.when() ? name : "";
    };
    auto generic = [](auto&, const std::string& name) -> Coro<std::string> {
        co_await sleep(1s);
        co_return "hello " + name;
    };
    Lock lock;
    run([&]() -> Coro<> {
        std::string text = co_await async_with(lock, greet, kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(lock, Overloaded(), kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(nullcontext(7), takes_value, kText);
        EXPECT_EQ(text, std::string(kText) + "7");
        text = co_await async_with(nullcontext(7), generic, kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(timeout(2s), greet, kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(timeout(2s), takes_limit, kText);
        EXPECT_EQ(text, kText);
        text = co_await async_with(timeout(2s), Overloaded(), kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(timeout(2s), generic, kText);
        EXPECT_EQ(text, kGreeting);
        text = co_await async_with(timeout(2s), greet_view, std::string(kText));
        EXPECT_EQ(text, kGreeting);
    });
}

TEST_F(Arguments, OfAGeneratorsManager) {
    auto generator = [](const std::string& name) -> AsyncGenerator<const std::string*> { co_yield &name; };
    auto body = [&](const std::string* name) -> Coro<> {
        co_await sleep(1s);
        seen = *name;
    };
    auto owning = [](std::unique_ptr<std::string> name) -> AsyncGenerator<const std::string*> {
        co_yield name.get();
    };
    run([&]() -> Coro<> {
        co_await async_with(asynccontextmanager(generator, kText), body);
        EXPECT_EQ(seen, kText);
        seen.clear();
        auto name = std::make_unique<std::string>(kText);
        co_await async_with(asynccontextmanager(owning, std::move(name)), body);
        EXPECT_EQ(seen, kText);
    });
}

TEST_F(Arguments, OfAnExitStacksCallbacks) {
    auto notes = [&](const std::string& text) -> Coro<> {
        co_await sleep(1s);
        seen += text;
    };
    auto notes_anything = [&](const std::string& text, auto) -> Coro<> {
        co_await sleep(1s);
        seen += text;
    };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        auto buffer = std::make_unique<std::string>(kText);
        stack.push_async_callback(notes, buffer->c_str());
        stack.push_async_callback(notes_anything, kText, 1);
        stack.callback([&](const std::string& text) { seen += text; }, buffer->c_str());
        co_return;
    };
    run([&]() -> Coro<> { co_await async_with(AsyncExitStack(), body); });
    EXPECT_EQ(seen, std::string(kText) + kText + kText);
}

/// Gives views of a text that is gone when it has returned.
template <class Schedule>
void with_short_lived_text(Schedule schedule) {
    const auto buffer = std::make_unique<std::string>(kText);
    schedule(buffer->c_str());
}

TEST_F(Arguments, OfCallbacks) {
    auto note = [&](const std::string& text) { seen += text + "."; };
    auto note_done = [&](const std::string& text, const Future<>&) { seen += text + "."; };
    run([&]() -> Coro<> {
        Future<> future = loop().create_future();
        with_short_lived_text([&](const char* text) {
            loop().call_soon(note, text);
            loop().call_soon_threadsafe(note, text);
            loop().call_later(1s, note, text);
            loop().call_at(loop().time() + 1s, note, text);
            loop().call_soon(copy_context(), note, text);
            future.add_done_callback(note_done, text);
        });
        future.set_result();
        co_await sleep(2s);
    });
    std::string all;
    for (int i = 0; i < 6; ++i) all += std::string(kText) + ".";
    EXPECT_EQ(seen, all);
}

TEST_F(Arguments, OfCallsInThreads) {
    auto length = [](const std::string& text) { return text.size(); };
    run([&]() -> Coro<> {
        Future<std::size_t> in_executor;
        concurrent::Future<std::size_t> threads;
        concurrent::ThreadPoolExecutor pool(1);
        with_short_lived_text([&](const char* text) {
            in_executor = loop().run_in_executor(pool, length, text);
            threads = pool.submit(length, text);
        });
        EXPECT_EQ(co_await in_executor, std::string_view(kText).size());
        EXPECT_EQ(threads.result(), std::string_view(kText).size());
        EXPECT_EQ(co_await to_thread(length, kText), std::string_view(kText).size());
    });
}

TEST_F(Arguments, OfAPredicate) {
    Condition condition;
    auto is_seen = [&](const std::string& text) { return seen == text; };
    run([&]() -> Coro<> {
        co_await condition.acquire();
        Coro<bool> waits = condition.wait_for(is_seen, kText);
        loop().call_later(1s, [&] { seen = kText; });
        auto notify = [&]() -> Coro<> {
            co_await sleep(1s);
            co_await condition.acquire();
            condition.notify();
            condition.release();
        };
        Task<> notifies = create_task(notify);
        EXPECT_TRUE(co_await std::move(waits));
        co_await notifies;
    });
}

}  // namespace
}  // namespace aio
