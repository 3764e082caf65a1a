// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/sync.hpp>
#include <aio/testing.hpp>
#include <aio/web.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

/// Clients that speak to a server of aio::web in raw bytes, over a connection in memory and in virtual time.
namespace aio::tests {

using namespace std::chrono_literals;

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A client's end of a connection to `server`.
class RawClient {
public:
    explicit RawClient(const web::Server& server,
                       const testing::MemoryPipeOptions& options = testing::MemoryPipeOptions())
        : pipe(options) {
        auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        const Ref<Transport> transport =
            pipe.make_transport(get_running_loop(), testing::MemoryPipe::End::first, protocol);
        writer = StreamWriter(*transport, protocol, reader);
        pipe.make_transport(get_running_loop(), testing::MemoryPipe::End::second, server());
    }
    void send(std::string_view text) const { writer.write(BytesView(text)); }
    /// Everything until the server closes.
    Coro<std::string> rest() const { return read_all(reader); }
    /// A head, with the empty line.
    Coro<std::string> head() const { return read_until(reader, "\r\n\r\n"); }
    Coro<std::string> exactly(std::size_t count) const { return read_exactly(reader, count); }

    testing::MemoryPipe pipe;
    StreamReader reader;
    StreamWriter writer;

private:
    static Coro<std::string> read_all(StreamReader reader) { co_return co_await reader.read(); }
    static Coro<std::string> read_until(StreamReader reader, std::string end) {
        co_return co_await reader.readuntil(end);
    }
    static Coro<std::string> read_exactly(StreamReader reader, std::size_t count) {
        co_return co_await reader.readexactly(static_cast<std::ptrdiff_t>(count));
    }
};

/// What differs from one run to the next, and what is always there.
inline std::string without_common(std::string text) {
    for (const std::string_view name : {"Date: ", "Server: "}) {
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
            text.erase(at, text.find("\r\n", at) + 2 - at);
        }
    }
    return text;
}

/// Sends `text` to a new server and gives what it answers until it closes, without Date and Server.
inline Coro<std::string> talk(web::Server server, std::string text) {
    const RawClient client(server);
    client.send(text);
    client.writer.write_eof();
    std::string answer = co_await client.rest();
    co_return without_common(std::move(answer));
}
inline Coro<std::string> talk(web::Handler handler, std::string text) {
    return talk(web::Server(std::move(handler)), std::move(text));
}

inline Coro<web::Response> say_hello(web::Request&) { co_return web::Response().text("hello"); }
/// What is sent of it.
inline const std::string kHello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";
/// Method, target and body.
inline Coro<web::Response> say_request(web::Request& request) {
    std::string body = co_await request.read();
    co_return web::Response().text(std::string(request.method()) + " " + std::string(request.raw_path()) +
                                   " " + body);
}

struct WebTest : ::testing::Test, testing::LoopTest {
    /// What a server answers to `text`.
    std::string answer(web::Handler handler, std::string text,
                       web::ServerOptions options = web::ServerOptions()) {
        return run([&]() -> Coro<std::string> {
            return talk(web::Server(std::move(handler), std::move(options)), std::move(text));
        });
    }
};

}  // namespace aio::tests
