// SPDX-License-Identifier: MIT
// A runner that has to end early, or whose on_shutdown fails: handlers still end before what they work with
// is closed.
#include "web/web_test.hpp"

#include <aio/task.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Application;
using web::AppRunner;
using web::Request;
using web::Response;

using Log = std::vector<std::string>;

Coro<Response> work(Log& log, Request&) {
    log.push_back("begins");
    try {
        co_await sleep(10s);
        log.push_back("is done");
    } catch (const CancelledError&) {
        log.push_back("is cancelled");
        throw;
    }
    co_return Response();
}

AsyncGenerator<NoneType> database(Log& log, Application) {
    co_yield NoneType();
    log.push_back("database closed");
}

struct HurriedCleanupTest : WebTest {
    Application make_app() {
        Application app;
        app.add_get("/", work, std::ref(log));
        app.add_cleanup_ctx(database, std::ref(log));
        return app;
    }
    Log log;
};

TEST_F(HurriedCleanupTest, CancelledWhileHandlersWork) {
    run([&]() -> Coro<> {
        const AppRunner runner(make_app());
        co_await runner.setup();
        const RawClient client(runner.server());
        client.send(kGet);
        co_await sleep(1s);
        auto cleanup = create_task(runner.cleanup());
        co_await sleep(1s);
        EXPECT_EQ(log, (Log{"begins"}));
        cleanup.cancel();
        const auto ended = co_await as_result(cleanup);
        EXPECT_TRUE(ended.raised<CancelledError>());
    });
    EXPECT_EQ(log, (Log{"begins", "is cancelled", "database closed"}));
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(HurriedCleanupTest, CancelledInOnShutdown) {
    run([&]() -> Coro<> {
        Application app = make_app();
        app.on_shutdown().append([](Application&) -> Coro<> { co_await sleep(1h); });
        const AppRunner runner(app);
        co_await runner.setup();
        const RawClient client(runner.server());
        client.send(kGet);
        co_await sleep(1s);
        auto cleanup = create_task(runner.cleanup());
        co_await sleep(1s);
        cleanup.cancel();
        const auto ended = co_await as_result(cleanup);
        EXPECT_TRUE(ended.raised<CancelledError>());
    });
    EXPECT_EQ(log, (Log{"begins", "is cancelled", "database closed"}));
    EXPECT_EQ(clock().elapsed(), 2s);
}

TEST_F(HurriedCleanupTest, AnErrorOfOnShutdownIsNoReasonToHurry) {
    run([&]() -> Coro<> {
        Application app = make_app();
        app.on_shutdown().append([](Application&) { throw std::runtime_error("boom"); });
        const AppRunner runner(app);
        co_await runner.setup();
        const RawClient client(runner.server());
        client.send(kGet);
        co_await sleep(1s);
        const auto ended = co_await as_result(runner.cleanup());
        EXPECT_TRUE(ended.raised<std::runtime_error>());
    });
    EXPECT_EQ(log, (Log{"begins", "is done", "database closed"}));
    EXPECT_EQ(clock().elapsed(), 10s);
}

}  // namespace
}  // namespace aio::tests
