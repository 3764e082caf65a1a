// SPDX-License-Identifier: MIT
// Faults that others met in servers of HTTP (docs/faults.md), where the kernel takes part.
#include "support/part_of.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"
#include "web/web_test.hpp"

#include <aio/compose/async_generator.hpp>
#include <aio/endpoints.hpp>
#include <aio/net.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct SocketFaults : ::testing::Test, testing::LoopTest {
    SocketFaults() : LoopTest(true) {}

    /// Runs `body(port)` beside a server.
    template <class F>
    void serve(web::Handler handler, F body, web::ServerOptions options = web::ServerOptions()) {
        run([&]() -> Coro<> {
            const web::AppRunner runner{web::Server(handler, options)};
            co_await runner.setup();
            web::TCPSite site(runner, "127.0.0.1", 0);
            co_await site.start();
            co_await body(runner);
            co_await runner.cleanup();
        });
        EXPECT_EQ(reports(), std::vector<std::string>());
    }
    static Coro<StreamPair> connect(web::AppRunner runner) {
        co_return co_await open_connection("127.0.0.1", runner.addresses()[0].port());
    }
    std::string put(const std::string& name, const std::string& text) const {
        std::ofstream(folder.file(name), std::ios::binary) << text;
        return folder.file(name);
    }
    static std::size_t open_files(const std::string& path) {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone) == path) ++count;
        }
        return count;
    }

    TemporaryFolder folder;
};

Coro<Response> say_hello_to_all(Request&) { co_return Response().text("hello"); }
Coro<Response> file(std::string path, Request&) { co_return web::FileResponse(std::move(path)); }

TEST_F(SocketFaults, F73_the_end_of_what_a_client_sends_costs_nothing_while_it_is_answered) {
    std::string said;
    const auto lines = [&](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        co_await response.prepare(request);
        try {
            for (int i = 0; i < 5 || request.raw_path() == "/endless"; ++i) {
                co_await sleep(60ms);
                co_await response.write("line\n");
            }
        } catch (const ConnectionError&) {
            said = "gone";
        }
        co_return response;
    };
    serve(lines, [&](web::AppRunner runner) -> Coro<> {
        auto streams = co_await connect(runner);
        auto& [reader, writer] = streams;
        writer.write("GET / HTTP/1.0\r\n\r\n");
        writer.write_eof();
        const auto before = get_running_loop().stats().iterations;
        const std::string all = co_await reader.read();
        EXPECT_TRUE(all.ends_with("\r\n\r\nline\nline\nline\nline\nline\n")) << all;
        EXPECT_LT(get_running_loop().stats().iterations - before, 300U);
        writer.close();
        // One that is gone altogether is noticed by who writes.
        auto others = co_await connect(runner);
        auto& [other_reader, other_writer] = others;
        other_writer.write("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string head = co_await other_reader.readuntil("\r\n\r\n");
        other_writer.transport().abort();
        while (runner.server().connections() > 0) co_await sleep(1ms);
    });
    EXPECT_EQ(said, "gone");
}

TEST_F(SocketFaults, F74_connections_that_were_not_accepted_yet) {
    std::vector<Socket> queued;
    run([&]() -> Coro<> {
        const web::AppRunner runner{web::Server(say_hello_to_all)};
        co_await runner.setup();
        web::TCPSite site(runner, "127.0.0.1", 0, web::SiteOptions().backlog(1));
        co_await site.start();
        const SocketAddress address = runner.addresses()[0];
        for (int i = 0; i < 20; ++i) {
            Socket& socket = queued.emplace_back(Socket::stream(AF_INET));
            static_cast<void>(::connect(socket.fileno(), address.native(), address.native_size()));
            static_cast<void>(::send(socket.fileno(), kGet.data(), kGet.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        }
        co_await runner.cleanup();
        for (const Socket& socket : queued) {  // served, or not a byte
            char bytes[1000];
            const ssize_t count = ::recv(socket.fileno(), bytes, sizeof bytes, MSG_DONTWAIT);
            if (count > 0) {
                const std::string all(bytes, static_cast<std::size_t>(count));
                EXPECT_TRUE(all.ends_with("hello")) << all;
            }
        }
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

// However much the system would keep for them.
TEST_F(SocketFaults, Clients_that_take_nothing_of_their_answer_are_dropped) {
    const std::string path = put("sparse", "");
    ASSERT_EQ(::truncate(path.c_str(), 1'000'000'000), 0);
    const auto answers = [&](Request& request) -> Coro<Response> {
        if (request.raw_path() == "/file") co_return web::FileResponse(path);
        web::StreamResponse endless;
        co_await endless.prepare(request);
        for (;;) co_await endless.write(std::string(1'000'000, 'x'));
    };
    const auto stays = [&](web::AppRunner runner) -> Coro<> {
        std::vector<StreamPair> clients;
        for (const std::string target : {"/file", "/endless"}) {
            clients.push_back(co_await connect(runner));
            clients.back().second.write("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        while (runner.server().requests_count() < 2) co_await sleep(1ms);
        while (runner.server().connections() > 0) co_await sleep(1ms);
        for (const StreamPair& client : clients) client.second.transport().abort();
    };
    serve(answers, stays, web::ServerOptions().send_timeout(200ms));
    EXPECT_EQ(open_files(path), 0U);
}

TEST_F(SocketFaults, Accepted_connections_have_the_options_of_their_site) {
    std::vector<int> options;
    const auto looks = [&](Request& request) -> Coro<Response> {
        const auto socket = request.transport().get_extra_info("socket", TransportSocket());
        options = {socket.getsockopt(SOL_SOCKET, SO_KEEPALIVE),
                   socket.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT)};
        co_return Response();
    };
    const auto ask = [&](web::ServerOptions server_options, bool made) -> Coro<> {
        const web::AppRunner runner{web::Server(looks, server_options)};
        co_await runner.setup();
        web::TCPSite tcp(runner, "127.0.0.1", 0);
        Socket socket = Socket::stream(AF_INET);
        socket.bind(SocketAddress("127.0.0.1", 0));
        web::SockSite given(runner, std::move(socket));
        if (made) {
            co_await tcp.start();
        } else {
            co_await given.start();
        }
        auto streams = co_await connect(runner);
        streams.second.write(kGet);
        const std::string head = co_await streams.first.readuntil("\r\n\r\n");
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK")) << head;
        streams.second.close();
        co_await runner.cleanup();
    };
    run([&]() -> Coro<> {
        for (const bool made : {true, false}) {
            co_await ask(web::ServerOptions(), made);
            EXPECT_EQ(options, (std::vector<int>{1, 60'000}));
            co_await ask(web::ServerOptions().tcp_keepalive(false).send_timeout(std::nullopt), made);
            EXPECT_EQ(options, (std::vector<int>{0, 0}));
            co_await ask(web::ServerOptions().send_timeout(100ns), made);
            EXPECT_EQ(options, (std::vector<int>{1, 1}));
            co_await ask(web::ServerOptions().send_timeout(10'000h), made);
            EXPECT_EQ(options, (std::vector<int>{1, 2'147'483'647}));
        }
    });
}

struct Cleanups {
    int begun = 0;
    int ended = 0;
};
AsyncGenerator<std::string> endless(Cleanups* cleanups) {
    struct Finally {
        explicit Finally(Cleanups* which) : counted(which) { ++counted->begun; }
        ~Finally() { ++counted->ended; }
        Cleanups* counted;
    } const finally(cleanups);
    for (;;) {
        co_yield std::string(60'000, 'g');
        co_await sleep(0s);
    }
}

TEST_F(SocketFaults, F77_five_hundred_clients_that_leave_in_mid_answer) {
    const std::string path = put("sparse", "");
    ASSERT_EQ(::truncate(path.c_str(), 1'000'000'000), 0);
    const std::size_t rounds = part_of(kSanitized ? 100 : 500);
    Cleanups cleanups;
    const auto answers = [&](Request& request) -> Coro<Response> {
        if (request.raw_path() == "/file") co_return web::FileResponse(path);
        co_return Response().body(endless(&cleanups));
    };
    const auto ask = [](web::AppRunner runner, std::string target) -> Coro<StreamPair> {
        StreamPair streams = co_await connect(runner);
        streams.second.write("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string some = co_await streams.first.readexactly(1'000'000);
        co_return streams;
    };
    serve(answers, [&](web::AppRunner runner) -> Coro<> {
        std::size_t tasks = 0;
        for (std::size_t i = 0; i < rounds; ++i) {
            const StreamPair streams = co_await ask(runner, i % 2 == 0 ? "/file" : "/generator");
            streams.second.transport().abort();
            while (runner.server().connections() > 0) co_await sleep(1ms);
            if (i == 10) tasks = get_running_loop().stats().tasks;
        }
        EXPECT_EQ(get_running_loop().stats().tasks, tasks);
        EXPECT_EQ(open_files(path), 0U);
        EXPECT_EQ(cleanups.begun, static_cast<int>(rounds / 2));
        EXPECT_EQ(cleanups.ended, cleanups.begun);
        // The same where the server's own end cancels the handlers.
        const StreamPair one = co_await ask(runner, "/file");
        const StreamPair other = co_await ask(runner, "/generator");
        co_await runner.server().shutdown(0s);
        EXPECT_EQ(open_files(path), 0U);
        EXPECT_EQ(cleanups.ended, static_cast<int>(rounds / 2) + 1);
        one.second.transport().abort();
        other.second.transport().abort();
    });
}

TEST_F(SocketFaults, F78_a_file_that_is_replaced_or_grows_is_the_one_that_was_opened) {
    constexpr std::size_t kSize = 20'000'000;
    for (const bool replaced : {true, false}) {
        const std::string path = put("large", std::string(kSize, 'a'));
        serve(web::Handler(file, path), [&](web::AppRunner runner) -> Coro<> {
            auto streams = co_await connect(runner);
            auto& [reader, writer] = streams;
            writer.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            const std::string head = co_await reader.readuntil("\r\n\r\n");
            EXPECT_NE(head.find("Content-Length: 20000000\r\n"), head.npos) << head;
            std::string body = co_await reader.readexactly(100'000);
            if (replaced) {
                put("other", std::string(kSize * 2, 'b'));
                std::filesystem::rename(folder.file("other"), path);
            } else {
                std::ofstream(path, std::ios::binary | std::ios::app) << std::string(kSize, 'b');
            }
            body += co_await reader.read();
            EXPECT_EQ(body.size(), kSize);
            EXPECT_EQ(body.find('b'), body.npos);
            writer.close();
        });
    }
}

// A piece is one of what is sent: of the file, or of its compressed sibling.
TEST_F(SocketFaults, F78_ranges_where_compression_is_wanted) {
    const std::string path = put("a.txt", "0123456789");
    const auto answers = [&](Request&) -> Coro<Response> {
        co_return web::FileResponse(path).enable_compression();
    };
    const auto ask = [](web::AppRunner runner) -> Coro<std::string> {
        auto streams = co_await connect(runner);
        streams.second.write(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n"
            "Range: bytes=5-9\r\n\r\n");
        std::string all = co_await streams.first.read();
        streams.second.close();
        co_return all;
    };
    serve(answers, [&](web::AppRunner runner) -> Coro<> {
        std::string all = co_await ask(runner);
        EXPECT_EQ(all.substr(9, 3), "206");
        EXPECT_TRUE(all.ends_with("\r\n\r\n56789")) << all;
        EXPECT_EQ(all.find("Content-Encoding"), all.npos) << all;
        put("a.txt.gz", "a sibling");
        all = co_await ask(runner);
        EXPECT_EQ(all.substr(9, 3), "206");
        EXPECT_NE(all.find("Content-Range: bytes 5-8/9\r\n"), all.npos) << all;
        EXPECT_TRUE(all.ends_with("\r\n\r\nling")) << all;
        EXPECT_NE(all.find("Content-Encoding: gzip"), all.npos) << all;
    });
}

/// Counts who asks, and is in no hurry.
struct SlowResolver final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string, std::uint16_t, AddrInfoOptions) override {
        ++asked;
        co_await sleep(10s);
        co_return std::vector<AddrInfo>();
    }
    Coro<NameInfo> getnameinfo(SocketAddress, int) override {
        ++asked;
        co_await sleep(10s);
        co_return NameInfo();
    }
    int asked = 0;
};

TEST_F(SocketFaults, F80_a_request_without_a_host_asks_nobody) {
    const auto resolver = std::make_shared<SlowResolver>();
    set_resolver(loop(), resolver);
    std::string line;
    const auto log =
        std::make_shared<web::AccessLogger>("%a %{Host}i %r %s", [&](std::string_view said) { line = said; });
    const auto tells = [](Request& request) -> Coro<Response> {
        co_return Response().text(request.host() + " " + request.url().str() + " " + request.remote());
    };
    const auto ask = [&](web::AppRunner runner) -> Coro<> {
        auto streams = co_await connect(runner);
        streams.second.write("GET /a HTTP/1.0\r\n\r\n");
        const std::string all = co_await streams.first.read();
        const std::string here = "127.0.0.1:" + std::to_string(runner.addresses()[0].port());
        EXPECT_TRUE(all.ends_with("\r\n\r\n" + here + " http://" + here + "/a 127.0.0.1")) << all;
        streams.second.close();
    };
    serve(tells, ask, web::ServerOptions().access_log(log));
    EXPECT_EQ(line, "127.0.0.1 - GET /a HTTP/1.0 200");
    EXPECT_EQ(resolver->asked, 0);
}

}  // namespace
}  // namespace aio::tests
