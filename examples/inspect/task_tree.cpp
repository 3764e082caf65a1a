// SPDX-License-Identifier: MIT
// What is the program doing? After dump_tasks_on_signal() a `kill -USR1 PID` prints its tasks as a tree of
// who awaits whom. Here the program sends itself the signal. In Python:
//
//     python -m asyncio pstree PID
#include <aio/aio.hpp>

#include <csignal>

using namespace std::chrono_literals;

aio::Coro<> query() { co_await aio::sleep(100ms); }

aio::Coro<> load_user() { co_await query(); }

aio::Coro<> load_news(aio::Future<> feed) { co_await feed; }

aio::Coro<> render_page(aio::Future<> feed) {
    auto user = aio::create_task(load_user(), "user");
    auto news = aio::create_task(load_news(feed), "news");
    co_await aio::gather(user, news);
}

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    aio::dump_tasks_on_signal(SIGUSR1, loop, stdout);
    auto feed = loop.create_future<>();
    auto page = aio::create_task(render_page(feed), "page");
    co_await aio::sleep(20ms);
    std::raise(SIGUSR1);
    co_await aio::sleep(20ms);
    feed.set_result();
    co_await page;
}

int main() { return aio::run(amain()); }
