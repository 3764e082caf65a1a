// SPDX-License-Identifier: MIT
// A coroutine that gives a reference: whatever it goes through, it is the same object at the end.
#include <compose/references_support.hpp>

#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <functional>
#include <tuple>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

using tests::Object;

struct References : tests::ReferencesTest {
    Coro<Object&> give() {
        co_await sleep(1s);
        co_return object;
    }
    Coro<const Object&> give_const() {
        co_await sleep(1s);
        co_return object;
    }
    auto giver() {
        return [this] { return give(); };
    }
};

TEST_F(References, Run) {
    expect_it(run(give()));
    expect_it(run(giver()));
    Runner runner;
    static_assert(std::is_same_v<decltype(runner.run(give_const())), const Object&>);
    static_assert(std::is_same_v<decltype(runner.run(sleep(1s, 3))), int>);
    expect_it(loop().run_until_complete(give()));
    expect_it(loop().run_until_complete(loop().create_task(give_const())));
    Object other;
    auto body = [&]() -> Coro<Object&> { co_return other; };
    EXPECT_EQ(&aio::run(body), &other);
    EXPECT_EQ(&aio::run(body()), &other);
}

TEST_F(References, TasksAndTheirFunctions) {
    run([&]() -> Coro<> {
        Task<Object&> task = create_task(giver());
        expect_it(co_await task);
        Task<const Object&> constant = create_task([&] { return give_const(); });
        expect_it(co_await constant);
        Task<Object&> of_task = create_task([&] { return task; });
        expect_it(co_await of_task);
        expect_it(co_await std::move(of_task));
    });
}

TEST_F(References, Futures) {
    Object other;
    run([&]() -> Coro<> {
        Future<Object&> future = loop().create_future<Object&>();
        future.set_result(object);
        expect_it(future.result());
        expect_it(co_await future);
        EXPECT_EQ(&co_await ensure_future(future), &object);
        expect_it(co_await wait_for(future, 0s));
        expect_it(co_await shield(future));
        expect_it(co_await std::move(future));
        Future<const Object&> constant(loop());
        constant.set_result(other);
        const Object& given = co_await constant;
        EXPECT_EQ(&given, &other);
    });
}

TEST_F(References, ShieldsAndTimeLimits) {
    run([&]() -> Coro<> {
        Task<Object&> task = create_task(give());
        expect_it(co_await shield(task));
        expect_it(co_await shield(task));  // done
        expect_it(co_await shield(give_const()));
        expect_it(co_await wait_for(give(), 2s));
        expect_it(co_await wait_for(give_const(), std::nullopt));
        Task<const Object&> second = create_task(give_const());
        expect_it(co_await wait_for(second, 2s));
        expect_it(co_await wait_for(std::move(second), 0s));
        Task<Object&> limited = create_task(wait_for(give(), 2s));
        expect_it(co_await limited);
        Task<const Object&> constant = create_task(wait_for(give_const(), 2s));
        expect_it(co_await constant);
        Task<const Object&> block = create_task(async_with(timeout(2s), [&] { return give_const(); }));
        expect_it(co_await block);
    });
}

TEST_F(References, AnyAwaitables) {
    run([&]() -> Coro<> {
        Task<Object&> task = create_task(give());
        AnyAwaitable<Object&> of_coro = give();
        AnyAwaitable<Object&> of_task = task;
        AnyAwaitable<Object&> of_wait = wait_for(give(), 2s);
        expect_it(co_await of_coro);
        expect_it(co_await std::move(of_task));
        expect_it(co_await of_wait);
        std::vector<AnyAwaitable<Object&>> list;
        list.push_back(give());
        list.push_back(task);
        const std::vector<std::reference_wrapper<Object>> all = co_await gather(std::move(list));
        expect_it(all.at(0));
        expect_it(all.at(1));
        AnyAwaitable<const Object&> constant = give_const();
        Task<const Object&> task_of_any = create_task(std::move(constant));
        expect_it(co_await task_of_any);
    });
}

TEST_F(References, Groups) {
    Task<Object&> of_coro;
    Task<Object&> of_function;
    auto body = [&](TaskGroup& group) -> Coro<Object&> {
        of_coro = group.create_task(give());
        of_function = group.create_task(giver());
        co_return object;
    };
    run([&]() -> Coro<> {
        expect_it(co_await async_with(TaskGroup(), body));
        expect_it(of_coro.result());
        expect_it(of_function.result());
    });
}

TEST_F(References, AsyncWith) {
    auto with_value = [&](int&) { return give(); };
    Lock lock;
    run([&]() -> Coro<> {
        expect_it(co_await async_with(lock, giver()));
        Timeout limit = timeout(2s);
        expect_it(co_await async_with(limit, giver()));
        expect_it(co_await async_with(nullcontext(7), with_value));
        expect_it(co_await async_with(timeout(2s), giver()));
        expect_it(co_await async_with(nullcontext(std::ref(object)),
                                      [&](std::reference_wrapper<Object>) { return give_const(); }));
    });
}

TEST_F(References, WhatManagersGive) {
    auto scope = [&]() -> AsyncGenerator<Object&> { co_yield object; };
    auto body = [](Object& given) -> Coro<Object&> { co_return given; };
    auto const_scope = [&]() -> AsyncGenerator<const Object&> { co_yield object; };
    auto const_body = [](const Object& given) -> Coro<const Object&> { co_return given; };
    run([&]() -> Coro<> {
        expect_it(co_await async_with(asynccontextmanager(scope), body));
        auto manager = asynccontextmanager(const_scope);
        expect_it(co_await async_with(manager, const_body));
        AsyncExitStack stack;
        co_await stack.aenter();
        expect_it(co_await stack.enter_async_context(asynccontextmanager(scope)));
        co_await stack.aexit(nullptr);
    });
}

TEST_F(References, Gather) {
    run([&]() -> Coro<> {
        auto both = co_await gather(give(), create_task(give_const()));
        static_assert(std::is_same_v<decltype(both), std::tuple<Object&, const Object&>>);
        expect_it(std::get<0>(both));
        expect_it(std::get<1>(both));
        auto results = co_await gather(return_exceptions, create_task(give()));
        expect_it(std::get<0>(results).value());
        expect_it(std::get<0>(std::move(results)).value());
        std::vector<Task<Object&>> tasks{create_task(give()), create_task(give())};
        const std::vector<std::reference_wrapper<Object>> all = co_await gather(tasks);
        expect_it(all.at(1));
        const std::vector<Result<Object&>> collected = co_await gather(return_exceptions, tasks);
        expect_it(collected.at(1).value());
        std::vector<Coro<Object&>> coroutines;
        coroutines.push_back(give());
        const std::vector<std::reference_wrapper<Object>> made = co_await gather(std::move(coroutines));
        expect_it(made.at(0));
        std::vector<Task<const Object&>> constants{create_task(give_const())};
        const std::vector<std::reference_wrapper<const Object>> kept = co_await gather(constants);
        expect_it(kept.at(0));
        auto twice = co_await gather(tasks[0], tasks[0]);
        expect_it(std::get<1>(twice));
    });
}

TEST_F(References, WaitAndAsCompleted) {
    run([&]() -> Coro<> {
        std::vector<Task<Object&>> tasks{create_task(give()), create_task(give())};
        for (auto&& next : as_completed(tasks)) expect_it(co_await next);
        auto futures = as_completed(tasks);
        while (auto done = co_await futures.next()) expect_it(done->result());
        const auto waited = co_await wait(tasks);
        expect_it(waited.done.begin()->result());
        std::vector<Coro<Object&>> coroutines;
        coroutines.push_back(give());
        for (auto&& next : as_completed(std::move(coroutines))) expect_it(co_await next);
        const auto mixed = co_await wait(give(), tasks[0]);
        EXPECT_EQ(mixed.done.size(), 2U);
        for (const auto& done : mixed.done) expect_it(done.result());
    });
}

TEST_F(References, Select) {
    run([&]() -> Coro<> {
        Task<Object&> task = create_task(give());
        Event never;
        auto chosen = co_await select(never.wait(), task);
        expect_it(chosen.get<1>());
        expect_it(*chosen.get_if<1>());
        EXPECT_EQ(chosen.get_if<0>(), nullptr);
        auto moved = co_await select(std::move(task), never.wait());
        expect_it(moved.get<0>());
        auto constant = co_await select(create_task(give_const()), never.wait());
        static_assert(std::is_same_v<decltype(constant.get<0>()), const Object&>);
        expect_it(constant.get<0>());
    });
}

TEST_F(References, StaggeredRace) {
    std::vector functions{giver(), giver()};
    run([&]() -> Coro<> {
        auto race = co_await staggered_race(functions, 2s);
        expect_it(*race.result);
        EXPECT_EQ(race.winner, 0U);
    });
}

}  // namespace
}  // namespace aio
