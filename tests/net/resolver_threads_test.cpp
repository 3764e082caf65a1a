// SPDX-License-Identifier: MIT
// Looking up names in threads, with a getaddrinfo() of the tests' own.
#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/child.hpp>
#include <support/latch.hpp>
#include <support/turns.hpp>

#include <aio/concurrent.hpp>
#include <aio/net/resolver.hpp>
#include <aio/testing.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

std::atomic<int> asked = 0;  // stuck ones
std::atomic<int> answered = 0;
std::atomic<bool> in_loops_thread = false;
std::atomic<int> threads_asked = 0;  // calls of the C library by others than the loop's thread
const auto loops_thread = std::this_thread::get_id();
aio::tests::Latch* volatile the_latch = nullptr;

}  // namespace

// Knows names of the tests; the rest is the C library's.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (std::this_thread::get_id() != loops_thread) ++threads_asked;
    const std::string name = host ? host : "";
    if (!name.ends_with(".test")) return real(host, service, hints, found);
    in_loops_thread = std::this_thread::get_id() == loops_thread;
    if (name == "nobody.test") return EAI_NONAME;
    if (name == "system.test") {
        errno = ENOSYS;
        return EAI_SYSTEM;
    }
    if (name == "stuck.test") {
        ++asked;
        the_latch->wait();
        ++answered;
    }
    return real("127.0.0.2", service, hints, found);
}

extern "C" int getnameinfo(const sockaddr* address, socklen_t size, char* host, socklen_t host_size,
                           char* service, socklen_t service_size, int flags) {
    using Function = int (*)(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int);
    static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getnameinfo"));
    if (std::this_thread::get_id() != loops_thread) ++threads_asked;
    if ((flags & NI_NUMERICHOST) == 0) {
        if (flags & NI_NAMEREQD) return EAI_NONAME;
        const int error = real(address, size, nullptr, 0, service, service_size, flags);
        std::snprintf(host, host_size, "named.test");
        return error;
    }
    return real(address, size, host, host_size, service, service_size, flags);
}

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Its clock stands still while something is ready, so no limit passes because a thread is slow.
struct ResolverThreads : ::testing::Test, aio::testing::LoopTest {
    ResolverThreads() { the_latch = &latch; }
    ~ResolverThreads() override {
        latch.set();
        while (answered < asked) std::this_thread::yield();
        asked = answered = 0;
    }
    static Coro<std::string> look_up(std::string host) {
        std::string text;
        const auto found = co_await getaddrinfo(std::move(host), 80, AddrInfoOptions().type(SOCK_STREAM));
        for (const AddrInfo& info : found) text += info.address.str();
        co_return text;
    }
    static Coro<std::string> failure(std::string host) { return caught(look_up(std::move(host))); }
    static Coro<> stuck(int count) {
        return until([count] {
            std::this_thread::yield();
            return asked == count;
        });
    }
    Latch latch;
};

TEST_F(ResolverThreads, AskInAThreadOfTheirOwn_Thread) {
    run([&]() -> Coro<> {
        std::string text = co_await look_up("name.test");
        EXPECT_EQ(text, "127.0.0.2:80");
        EXPECT_FALSE(in_loops_thread);
        const auto found = co_await getaddrinfo("name.test", 80);
        EXPECT_GE(found.size(), 2U);  // streams, datagrams
        EXPECT_EQ(found[0].family, AF_INET);
        EXPECT_EQ(found[0].type, SOCK_STREAM);
        EXPECT_EQ(found[0].proto, IPPROTO_TCP);
        AddrInfoOptions options;
        options.type(SOCK_DGRAM).flags(AI_CANONNAME);
        const auto named = co_await getaddrinfo("name.test", 53, options);
        EXPECT_EQ(named.size(), 1U);
        EXPECT_EQ(named[0].canonname, "127.0.0.2");
        EXPECT_EQ(named[0].address.port(), 53);
        EXPECT_EQ(loop().stats().threads, 0U);
    });
}

TEST_F(ResolverThreads, F31_what_is_numeric_needs_none_Thread) {
    run([&]() -> Coro<> {
        threads_asked = 0;
        std::string text = co_await look_up("127.0.0.3");
        EXPECT_EQ(text, "127.0.0.3:80");
        text = co_await look_up("::1");
        EXPECT_EQ(text, "[::1]:80");
        AddrInfoOptions options;
        options.family(AF_INET).type(SOCK_STREAM);
        auto found = co_await getaddrinfo("", 80, options);
        EXPECT_EQ(found.at(0).address.str(), "127.0.0.1:80");
        options.flags(AI_PASSIVE);
        found = co_await getaddrinfo("", 80, options);
        EXPECT_EQ(found.at(0).address.str(), "0.0.0.0:80");
        options.flags(AI_NUMERICHOST);
        text = co_await caught(getaddrinfo("name.example", 80, options));
        EXPECT_EQ(text, "resolve 'name.example': " + std::string(::gai_strerror(EAI_NONAME)));
        const auto name =
            co_await getnameinfo(SocketAddress("127.0.0.1", 80), NI_NUMERICHOST | NI_NUMERICSERV);
        EXPECT_EQ(name.host + " " + name.service, "127.0.0.1 80");
        EXPECT_EQ(threads_asked, 0);
    });
}

TEST_F(ResolverThreads, ServicesHaveNames_Thread) {
    run([&]() -> Coro<> {
        AddrInfoOptions options;
        options.type(SOCK_STREAM);
        std::string ports;
        for (const char* const service : {"http", "443", ""}) {
            const auto found = co_await getaddrinfo("name.test", service, options);
            for (const AddrInfo& info : found) ports += std::to_string(info.address.port()) + " ";
        }
        EXPECT_EQ(ports, "80 443 0 ");
        const auto both = co_await getaddrinfo("127.0.0.1", "domain");
        std::string kinds;
        for (const AddrInfo& info : both) {
            kinds +=
                std::to_string(info.type) + "/" + std::to_string(info.proto) + " " + info.address.str() + ",";
        }
        EXPECT_EQ(kinds, "1/6 127.0.0.1:53,2/17 127.0.0.1:53,");
        std::string text = co_await caught(getaddrinfo("127.0.0.1", "no-such-service"));
        EXPECT_EQ(text, "resolve service 'no-such-service': " + std::string(::gai_strerror(EAI_SERVICE)));
        text = co_await caught(getaddrinfo("127.0.0.1", "70000"));
        EXPECT_EQ(text, "port must be 0-65535, not 70000");
        text = co_await caught(getaddrinfo("127.0.0.1", "99999999999999999999"));
        EXPECT_EQ(text, "port must be 0-65535, not -1");
        text = co_await caught(getaddrinfo("127.0.0.1", std::string("ht\0tp", 5)));
        EXPECT_EQ(text, "embedded null character");
    });
}

TEST_F(ResolverThreads, AddressesHaveNames_Thread) {
    run([&]() -> Coro<> {
        threads_asked = 0;
        NameInfo name = co_await getnameinfo(SocketAddress("10.1.2.3", 80));
        EXPECT_EQ(name.host + " " + name.service, "named.test http");
        EXPECT_EQ(threads_asked, 1);
        std::string text = co_await caught(getnameinfo(SocketAddress("10.1.2.3", 80), NI_NAMEREQD));
        EXPECT_EQ(text, "look up the name of 10.1.2.3:80: " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await caught(getnameinfo(SocketAddress::unix_path("/run/x")));
        EXPECT_EQ(text, "getnameinfo() needs an IPv4 or IPv6 address, not /run/x");
        text = co_await caught(getnameinfo(SocketAddress()));
        EXPECT_EQ(text, "getnameinfo() needs an IPv4 or IPv6 address, not (unnamed)");
        Task<NameInfo> cancelled = create_task(getnameinfo(SocketAddress("10.1.2.3", 80)));
        co_await turns(1);
        cancelled.cancel();
        text = co_await caught(std::move(cancelled));
        EXPECT_EQ(text, "CancelledError");
        EXPECT_EQ(loop().stats().threads, 0U);
    });
}

TEST_F(ResolverThreads, ErrorsNameTheHost_Thread) {
    run([&]() -> Coro<> {
        std::string text = co_await failure("nobody.test");
        EXPECT_EQ(text, "resolve 'nobody.test': " + std::string(::gai_strerror(EAI_NONAME)));
        text = co_await failure("system.test");
        EXPECT_EQ(text, "resolve 'system.test': " + std::string(std::strerror(ENOSYS)));
        text = co_await failure(std::string("name.test\0.org", 14));
        EXPECT_EQ(text, "embedded null character");
        text = co_await caught(getaddrinfo("name.test", -1));
        EXPECT_EQ(text, "port must be 0-65535, not -1");
    });
}

TEST_F(ResolverThreads, ACancelledLookupEndsAtOnce_Thread) {
    run([&]() -> Coro<> {
        Task<std::string> waiting = create_task(failure("stuck.test"));
        co_await stuck(1);
        EXPECT_EQ(loop().stats().threads, 1U);
        waiting.cancel();
        std::string text = co_await waiting;
        EXPECT_EQ(text, "CancelledError");
        EXPECT_EQ(answered, 0);
        EXPECT_EQ(loop().stats().threads, 0U);  // the loop waits for nothing any more
        text = co_await caught(wait_for(look_up("stuck.test"), 10ms));
        EXPECT_EQ(text, "TimeoutError");
        text = co_await look_up("name.test");
        EXPECT_EQ(text, "127.0.0.2:80");
    });
}

// Nine at a time: one has to wait, and is withdrawn before a thread takes it.
TEST_F(ResolverThreads, AreFew_Thread) {
    run([&]() -> Coro<> {
        std::vector<Task<std::string>> tasks;
        for (int i = 0; i < 9; ++i) tasks.push_back(create_task(failure("stuck.test")));
        co_await stuck(8);
        co_await turns(10);
        EXPECT_EQ(asked, 8);
        Task<std::string> queued = create_task(failure("name.test"));
        co_await turns(2);
        EXPECT_EQ(loop().stats().threads, 10U);
        queued.cancel();
        tasks.back().cancel();
        std::string text = co_await queued;
        EXPECT_EQ(text, "CancelledError");
        latch.set();
        for (const auto& task : tasks) {
            text = co_await task;
            EXPECT_EQ(text, task == tasks.back() ? "CancelledError" : "no error");
        }
        EXPECT_EQ(asked, 8);
        EXPECT_EQ(loop().stats().threads, 0U);
    });
}

TEST_F(ResolverThreads, F31_are_not_the_default_executors_Thread) {
    run([&]() -> Coro<> {
        const auto pool = std::make_shared<concurrent::ThreadPoolExecutor>(1);
        loop().set_default_executor(pool);
        const auto busy = create_task(to_thread([&] { latch.wait(); }));
        co_await turns(2);
        const std::string text = co_await look_up("name.test");
        EXPECT_EQ(text, "127.0.0.2:80");
        EXPECT_FALSE(busy.done());
        latch.set();
        co_await busy;
    });
}

TEST_F(ResolverThreads, TheLoopClosesWithoutThem_Thread) {
    std::weak_ptr<Resolver> resolver;
    {
        const EventLoopPtr other = new_event_loop();
        other->set_exception_handler([](EventLoop&, const ExceptionContext&) {});  // tasks are left
        other->run_until_complete([&]() -> Coro<> {
            std::vector<Task<std::string>> left;
            for (int i = 0; i < 9; ++i) left.push_back(create_task(look_up("stuck.test")));
            co_await stuck(8);
            resolver = get_resolver(get_running_loop());
        }());
    }
    EXPECT_TRUE(resolver.expired());
    EXPECT_EQ(answered, 0);
    latch.set();
    while (answered < 8) std::this_thread::yield();
}

TEST_F(ResolverThreads, RunEndsWithoutThem_Thread) {
    const auto main = []() -> Coro<> {
        const Task<std::string> left = create_task(look_up("stuck.test"));
        co_await stuck(1);
    };
    aio::run(main);
    EXPECT_EQ(answered, 0);
}

TEST_F(ResolverThreads, AForkedChildHasItsOwn_Thread) {
    run([&]() -> Coro<> {
        const Task<std::string> waiting = create_task(failure("stuck.test"));
        co_await stuck(1);
        EXPECT_EQ(run_in_child([] {
                      std::string text;
                      aio::run([&]() -> Coro<> { text = co_await look_up("name.test"); });
                      ::_exit(text == "127.0.0.2:80" ? 3 : 4);
                  }),
                  "exit 3");
        latch.set();
        const std::string text = co_await waiting;
        EXPECT_EQ(text, "no error");
    });
}

}  // namespace
}  // namespace aio::tests
