// SPDX-License-Identifier: MIT
// A request, from socket to socket, allocates nothing but what its handler does: this executable's operator
// new counts (lookup_allocation_test.cpp). Pools count as well, when they need memory.
#include "support/sanitized.hpp"
#include "web/web_test.hpp"

#include <aio/concurrent.hpp>
#include <aio/testing/failing_allocation.hpp>

#include <sys/socket.h>
#include <unistd.h>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using testing::FailingAllocation;
using web::Request;
using web::Response;

constexpr int kWarm = 100;
constexpr int kCounted = 1000;

/// What the thread of the loop allocates between two requests, without what the handler does.
class Count {
public:
    Coro<Response> hello(Request&) {
        const std::size_t before = counting_.count();
        if (++requests_ == kWarm) {
            began_ = before;
            own_ = 0;
        }
        if (requests_ == kWarm + kCounted) all_ = before - began_ - own_;
        Response response = Response().text("hello");
        own_ += counting_.count() - before;
        co_return response;
    }
    std::optional<std::size_t> all() const noexcept { return all_; }

private:
    const FailingAllocation counting_{0, 0};
    int requests_ = 0;
    std::size_t began_ = 0;
    std::size_t own_ = 0;
    std::optional<std::size_t> all_;
};

/// In another thread, whose allocations are not counted. Gives the first answer that differs from the others.
std::string talk_in_place(SocketAddress address, std::string_view request) {
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string first;
    std::string odd;
    if (::connect(fd, address.native(), address.native_size()) == 0) {
        for (int i = 0; i < kWarm + kCounted && odd.empty(); ++i) {
            if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) break;
            std::string answer;
            while (answer.find("\r\n\r\nhello") == answer.npos) {
                char piece[1024];
                const ssize_t count = ::recv(fd, piece, sizeof piece, 0);
                if (count <= 0) break;
                answer.append(piece, static_cast<std::size_t>(count));
            }
            if (i == 0) first = answer;
            if (answer.size() != first.size()) odd = answer;
        }
    }
    ::close(fd);
    return odd;
}

struct RequestAllocationsThread : ::testing::Test, testing::LoopTest {
    RequestAllocationsThread() : LoopTest(true) {
        loop().set_debug(false);  // debug mode makes the name of whatever runs
    }
    void SetUp() override {
        if (kSanitized || !FailingAllocation::available())
            GTEST_SKIP() << "a sanitizer takes every allocation";
    }
    /// What a server that was made of a Count allocates; none if not all was answered.
    template <class Make>
    std::optional<std::size_t> allocations(Make make, std::string request = kGet) {
        return run([&]() -> Coro<std::optional<std::size_t>> {
            Count count;
            const web::AppRunner runner = make(count);
            co_await runner.setup();
            web::TCPSite site(runner, "127.0.0.1", 0);
            co_await site.start();
            const std::string odd = co_await to_thread(talk_in_place, runner.addresses()[0], request);
            EXPECT_EQ(odd, "");
            co_await runner.cleanup();
            co_return count.all();
        });
    }
};

TEST_F(RequestAllocationsThread, OfAServerAreNone) {
    const auto server = [](Count& count) {
        return web::AppRunner(web::Server(web::Handler(&Count::hello, &count)));
    };
    EXPECT_EQ(allocations(server), 0U);
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(RequestAllocationsThread, OfAnApplicationAreNone) {
    const auto app = [](Count& count) {
        web::Application made;
        made.add_get("/", &Count::hello, &count);
        made.add_get("/hello/{name}", &Count::hello, &count);
        return web::AppRunner(made);
    };
    EXPECT_EQ(allocations(app), 0U);
    EXPECT_EQ(allocations(app,
                          "GET /hello/Ada?q=1 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n"
                          "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nCookie: a=b; c=d\r\n\r\n"),
              0U);
}

TEST_F(RequestAllocationsThread, AreNoneWithMiddlewaresBesideTheirOwn) {
    const auto app = [](Count& count) {
        web::Application made(web::AppOptions().middleware(
            [](Request& request, web::Handler next) -> Coro<Response> { return next(request); }));
        made.add_get("/", &Count::hello, &count);
        return web::AppRunner(made);
    };
    EXPECT_EQ(allocations(app), 0U);
}

}  // namespace
}  // namespace aio::tests
