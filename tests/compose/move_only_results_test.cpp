// SPDX-License-Identifier: MIT
// Results that cannot be copied, although std::is_copy_constructible says so, through everything that hands
// results on.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

struct Page {
    std::string name;
    std::vector<std::unique_ptr<int>> parts;
};
using Parts = std::vector<std::unique_ptr<int>>;

Page page_of(int value) {
    Page page;
    page.name = "page";
    page.parts.push_back(std::make_unique<int>(value));
    return page;
}
Parts parts_of(int value) { return std::move(page_of(value).parts); }
int value_of(const Page& page) { return *page.parts.at(0); }
int value_of(const Parts& parts) { return *parts.at(0); }

Coro<Page> make_page(int value) {
    co_await sleep(0s);
    co_return page_of(value);
}
Coro<std::unique_ptr<int>> sleep_and_give(int value) {
    co_await sleep(0s);
    co_return std::make_unique<int>(value);
}
Coro<Parts> make_parts(int value) {
    co_await sleep(0s);
    co_return parts_of(value);
}

struct MoveOnlyResults : ::testing::Test, testing::LoopTest {};

TEST_F(MoveOnlyResults, OfFuturesAndTasks) {
    run([&]() -> Coro<> {
        Future<Page> future = loop().create_future<Page>();
        future.set_result(page_of(1));
        const Future<Page> other = future;
        const Page taken = co_await std::move(future);
        EXPECT_EQ(value_of(taken), 1);
        EXPECT_TRUE(other.result().parts.empty()) << "as of a unique_ptr, it is gone for the others";
        const Parts parts = co_await create_task(make_parts(2));
        EXPECT_EQ(value_of(parts), 2);
        Task<Page> task = create_task(make_page(3));
        const Page& shared = co_await task;
        EXPECT_EQ(value_of(shared), 3);
    });
    EXPECT_EQ(value_of(run(make_page(4))), 4);
    EXPECT_EQ(value_of(loop().run_until_complete(make_parts(5))), 5);
    Task<Page> task = loop().create_task(make_page(6));
    EXPECT_EQ(value_of(loop().run_until_complete(task)), 6);
    EXPECT_EQ(value_of(loop().run_until_complete(loop().create_task(make_page(7)))), 7);
}

TEST_F(MoveOnlyResults, OfWhatRunsThingsTogether) {
    run([&]() -> Coro<> {
        std::vector<Coro<std::unique_ptr<int>>> boxes;
        boxes.push_back(sleep_and_give(1));
        const auto box = co_await gather(std::move(boxes));
        EXPECT_EQ(*box.at(0), 1);
        std::vector<Coro<Page>> pages;
        pages.push_back(make_page(2));
        const auto all = co_await gather(std::move(pages));
        EXPECT_EQ(value_of(all.at(0)), 2);
        const auto both = co_await gather(make_page(3), make_parts(4));
        EXPECT_EQ(value_of(std::get<0>(both)) + value_of(std::get<1>(both)), 7);
        auto results = co_await gather(return_exceptions, make_page(5));
        EXPECT_EQ(value_of(std::get<0>(results).value()), 5);
        const Page shielded = co_await shield(make_page(6));
        EXPECT_EQ(value_of(shielded), 6);
        const Page limited = co_await wait_for(make_page(7), 1s);
        EXPECT_EQ(value_of(limited), 7);
        const Parts of_task = co_await wait_for(create_task(make_parts(8)), 1s);
        EXPECT_EQ(value_of(of_task), 8);
        std::vector<Coro<Page>> racing;
        racing.push_back(make_page(9));
        for (auto&& next : as_completed(std::move(racing))) {
            const Page done = co_await next;
            EXPECT_EQ(value_of(done), 9);
        }
        auto chosen = co_await select(create_task(make_parts(10)), sleep(1s));
        EXPECT_EQ(value_of(chosen.get<0>()), 10);
    });
}

TEST_F(MoveOnlyResults, OfThreads) {
    run([&]() -> Coro<> {
        const Page here = co_await to_thread(page_of, 1);
        EXPECT_EQ(value_of(here), 1);
        const Parts there = co_await loop().run_in_executor(nullptr, parts_of, 2);
        EXPECT_EQ(value_of(there), 2);
        concurrent::Future<Page> future;
        auto wrapped = wrap_future(future);
        future.set_result(page_of(3));
        const Page over = co_await std::move(wrapped);
        EXPECT_EQ(value_of(over), 3);
        concurrent::ThreadPoolExecutor pool(1);
        EXPECT_EQ(value_of(pool.submit(page_of, 4).result()), 4);
        auto back = co_await to_thread(
            [](EventLoop& of) { return run_coroutine_threadsafe(make_page(5), of).result(); },
            std::ref(loop()));
        EXPECT_EQ(value_of(back), 5);
    });
}

}  // namespace
}  // namespace aio
