// SPDX-License-Identifier: MIT
// One question for all who ask the same, and what happens when they go.
#include <dns/dns_support.hpp>
#include <support/turns.hpp>

#include <dirent.h>

namespace aio::tests {
namespace {

int open_files() {
    int count = 0;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (::readdir(folder)) ++count;
    ::closedir(folder);
    return count;
}

struct DnsShared : DnsTest {
    std::vector<Task<std::string>> ask(const std::string& name, int count) {
        std::vector<Task<std::string>> tasks;
        for (int i = 0; i < count; ++i) tasks.push_back(create_task(caught_look_up(name)));
        return tasks;
    }
    Coro<std::string> caught_look_up(std::string name) {
        std::string found;
        const std::string error = co_await caught(find(std::move(name), found));
        co_return error == "no error" ? found : error;
    }
    Coro<> find(std::string name, std::string& found) { found = co_await look_up(std::move(name), AF_INET); }
};

TEST_F(DnsShared, F32_cancelling_one_leaves_the_others) {
    server.add_address("www.test", "127.0.0.7");
    server.keep("www.test");
    serve([&]() -> Coro<> {
        auto tasks = ask("www.test", 5);
        co_await until([&] { return server.kept() == 1; });
        tasks[0].cancel();
        auto limited = wait_for(look_up("www.test", AF_INET), 1ms);
        std::string text = co_await caught(std::move(limited));
        EXPECT_EQ(text, "TimeoutError");
        co_await server.answer_kept();
        text = co_await tasks[0];
        EXPECT_EQ(text, "CancelledError");
        for (std::size_t i = 1; i < tasks.size(); ++i) {
            text = co_await tasks[i];
            EXPECT_EQ(text, "127.0.0.7:80");
        }
        EXPECT_EQ(server.asked, Texts{"www.test/1"});
    });
}

TEST_F(DnsShared, F32_a_failure_reaches_all_and_the_next_asks_anew) {
    server.behave("www.test", [](const DnsQuery& query) { return dns_reply(query, kServFail, {}); });
    serve([&]() -> Coro<> {
        const auto tasks = ask("www.test", 5);
        std::string first = co_await tasks[0];
        EXPECT_NE(first.find("resolve 'www.test'"), first.npos);
        for (const auto& task : tasks) {
            const std::string text = co_await task;
            EXPECT_EQ(text, first);
        }
        server.behave("www.test", [](const DnsQuery& query) {
            return dns_reply(query, 0, {address_record("www.test", "127.0.0.7")});
        });
        first = co_await look_up("www.test", AF_INET);
        EXPECT_EQ(first, "127.0.0.7:80");
    });
}

TEST_F(DnsShared, F32_closing_ends_all) {
    server.keep("www.test");
    serve([&]() -> Coro<> {
        const auto tasks = ask("www.test", 5);
        co_await until([&] { return server.kept() == 1; });
        resolver->close();
        for (const auto& task : tasks) {
            const std::string text = co_await task;
            EXPECT_EQ(text,
                      "resolve 'www.test': the resolver was closed: " + std::string(::strerror(ECANCELED)));
        }
        const std::string text = co_await caught(look_up("www.test"));
        EXPECT_EQ(text, "The resolver is closed");
        resolver->close();
    });
}

TEST_F(DnsShared, TheQuestionGoesWithTheLastWhoWaits) {
    server.add_address("www.test", "127.0.0.7");
    server.keep("www.test");
    server.keep("other.test");
    serve([&]() -> Coro<> {
        co_await turns(3);  // the server listens
        const unsigned before = loop().stats().descriptors;
        const std::size_t timers = loop().stats().timers;
        auto tasks = ask("www.test", 2);
        auto other = ask("other.test", 1);
        co_await until([&] { return server.kept() == 2; });
        EXPECT_GT(loop().stats().descriptors, before);
        tasks[0].cancel();
        tasks[1].cancel();
        co_await turns(3);
        EXPECT_GT(loop().stats().descriptors, before);  // one still waits
        auto again = ask("www.test", 1);                // and joins what goes on
        co_await turns(3);
        EXPECT_EQ(server.asked.size(), 2U);
        again[0].cancel();
        other[0].cancel();
        co_await turns(3);
        EXPECT_EQ(loop().stats().descriptors, before);
        EXPECT_EQ(loop().stats().timers, timers);
        server.behave("www.test", [&](const DnsQuery& query) { return server.standard(query); });
        const std::string found = co_await look_up("www.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
    });
}

// A question that was given up while others were waited for goes when these are answered.
TEST_F(DnsShared, WhatWasGivenUpGoesWithTheOthers) {
    server.add_address("other.test", "127.0.0.7");
    server.behave("silent.test", [](const DnsQuery&) { return std::string(); });
    server.keep("other.test");
    serve([&]() -> Coro<> {
        co_await turns(3);
        const std::size_t timers = loop().stats().timers;
        auto silent = ask("silent.test", 1);
        auto other = ask("other.test", 1);
        co_await until([&] { return server.asked.size() == 2; });
        silent[0].cancel();
        co_await server.answer_kept();
        const std::string found = co_await other[0];
        EXPECT_EQ(found, "127.0.0.7:80");
        EXPECT_EQ(loop().stats().timers, timers);
    });
}

TEST_F(DnsShared, AFloodOfCancelledQuestionsLeavesNothing) {
    server.behave("*.silent.test", [](const DnsQuery&) { return std::string(); });
    serve([&]() -> Coro<> {
        const std::string warm = co_await caught(look_up("warm.test"));
        EXPECT_NE(warm, "no error");
        const int files = open_files();
        for (int round = 0; round < 20; ++round) {
            std::vector<Task<std::string>> tasks;
            for (int i = 0; i < 100; ++i) {
                tasks.push_back(create_task(caught_look_up("n" + std::to_string(i) + ".silent.test")));
            }
            co_await turns(round % 4);
            for (const auto& task : tasks) task.cancel();
            co_await wait(std::move(tasks));
        }
        resolver->clear_cache();
        EXPECT_EQ(open_files(), files);
        EXPECT_EQ(resolver->cached(), 0U);
    });
}

// More than the sockets' buffers hold: what is lost is asked again.
TEST_F(DnsShared, ManyAreAskedAtOnce) {
    use(options().timeout(50ms).tries(9));
    server.behave("*.many.test", [](const DnsQuery& query) {
        return dns_reply(query, 0, {address_record(query.name, "127.0.0.7")});
    });
    serve([&]() -> Coro<> {
        std::vector<Task<std::string>> tasks;
        for (int i = 0; i < 1000; ++i) {
            tasks.push_back(create_task(caught_look_up("n" + std::to_string(i) + ".many.test")));
        }
        int found = 0;
        for (const auto& task : tasks) {
            const std::string text = co_await task;
            found += text == "127.0.0.7:80" ? 1 : 0;
        }
        EXPECT_EQ(found, 1000);
        EXPECT_EQ(resolver->cached(), 1000U);
    });
}

TEST_F(DnsShared, BelongsToTheLoopThatAsks) {
    serve([&]() -> Coro<> {
        const std::string text = co_await caught(look_up("nobody.test"));
        EXPECT_NE(text, "no error");
    });
    const EventLoopPtr other = new_event_loop();
    other->run_until_complete([&]() -> Coro<> {
        const std::string text = co_await caught(look_up("nobody.test"));
        EXPECT_EQ(text, "The resolver is bound to a different event loop");
    }());
    finish();
    other->run_until_complete([&]() -> Coro<> {  // it has been closed
        const std::string text = co_await caught(look_up("localhost", AF_INET));
        EXPECT_EQ(text, "no error");
    }());
}

// Tasks are left in the middle of it.
TEST_F(DnsShared, TheLoopClosesMeanwhile) {
    server.keep("www.test");
    use(options());
    {
        const EventLoopPtr other = new_event_loop();
        other->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        set_resolver(*other, resolver);
        other->run_until_complete([&]() -> Coro<> {
            const auto left = ask("www.test", 3);
            co_await turns(5);
        }());
    }
    EXPECT_EQ(resolver.use_count(), 1);
}

TEST_F(DnsShared, EndsBeforeItsQuestions) {
    server.keep("www.test");
    serve([&]() -> Coro<> {
        auto tasks = ask("www.test", 2);
        co_await until([&] { return server.kept() == 1; });
        resolver.reset();
        const std::string text = co_await tasks[0];
        EXPECT_NE(text.find("the resolver was closed"), text.npos);
        use(options());
    });
}

}  // namespace
}  // namespace aio::tests
