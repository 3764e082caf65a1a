// SPDX-License-Identifier: MIT
// Compression keeps nobody waiting: neither the loop, nor a client that reads while the body is made.
#include "web/web_test.hpp"

#include <aio/concurrent.hpp>
#include <aio/http/compression.hpp>

#include <array>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ContentCoding;
using web::Request;
using web::Response;

const std::string kAcceptsGzip = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";

constexpr std::array<const char*, 3> kPaths{"/plain", "/small", "/here"};
constexpr std::array<const char*, 4> kTexts{"one", "two", "ping", "three"};

std::string decoded(std::string_view coded, ContentCoding coding) {
    std::string text;
    http::Decompressor(coding).decompress(coded, text);
    return text;
}

/// The loop's default executor has one thread, which is busy until go().
struct BusyExecutor {
    BusyExecutor() : executor(std::make_shared<concurrent::ThreadPoolExecutor>(1)) {
        executor->submit([until = gone.get_future().share()] { until.wait(); });
    }
    ~BusyExecutor() { go(); }
    void go() {
        if (!std::exchange(went, true)) gone.set_value();
    }
    std::promise<void> gone;
    bool went = false;
    std::shared_ptr<concurrent::ThreadPoolExecutor> executor;
};

struct ResponseCompressionThread : ::testing::Test, testing::LoopTest {
    ResponseCompressionThread() : LoopTest(true) {}
};

TEST_F(ResponseCompressionThread, LargeBodiesAreLeftToAThread) {
    BusyExecutor busy;
    loop().set_default_executor(busy.executor);
    std::string body;
    for (int i = 0; i < 50'000; ++i) body += std::to_string(i) + ",";
    run([&]() -> Coro<> {
        const auto handler = [&](Request& request) -> Coro<Response> {
            Response response = Response().text(body).enable_compression();
            if (request.raw_path() == "/here") response.zlib_executor_size(std::nullopt);
            if (request.raw_path() == "/small") response.text(body.substr(0, 1000));
            co_return response;
        };
        const web::Server server{web::Handler(handler)};
        const RawClient waits(server);
        waits.send(kAcceptsGzip);
        // Meanwhile others are answered, and what is small, or is told to be, is compressed in place.
        for (const std::string path : kPaths) {
            const RawClient other(server);
            const std::string accepts = path == "/plain" ? "" : "Accept-Encoding: gzip\r\n";
            other.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + accepts + "\r\n");
            other.writer.write_eof();
            const std::string all = co_await other.rest();
            EXPECT_EQ(all.substr(0, 15), "HTTP/1.1 200 OK") << path;
        }
        EXPECT_TRUE(waits.reader.buffered().empty());
        busy.go();
        waits.writer.write_eof();
        const std::string all = co_await waits.rest();
        EXPECT_NE(all.find("Content-Encoding: gzip\r\n"), all.npos);
        EXPECT_EQ(decoded(all.substr(all.find("\r\n\r\n") + 4), ContentCoding::gzip), body);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ResponseCompressionThread, ThatIsCancelledLeavesItsDataToTheThread) {
    run([&]() -> Coro<> {
        const auto handler = [](Request&) -> Coro<Response> {
            co_return Response().text(std::string(20'000'000, 'x')).enable_compression();
        };
        const web::Server server{web::Handler(handler)};
        const RawClient client(server);
        client.send(kAcceptsGzip);
        while (loop().stats().threads < 1) co_await sleep(0s);
        co_await server.shutdown(0s);
        EXPECT_EQ(server.connections(), 0U);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

struct ResponseCompressionTest : WebTest {};

TEST_F(ResponseCompressionTest, EachEventArrivesWhenItIsSent) {
    for (const auto coding :
         {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br, ContentCoding::zstd}) {
        run([coding]() -> Coro<> {
            Queue<std::string> says;
            const auto events = [&](Request& request) -> Coro<Response> {
                web::EventSourceResponse response;
                response.enable_compression(coding);
                co_await response.prepare(request);
                for (;;) {
                    const std::string text = co_await says.get();
                    if (text.empty()) break;
                    if (text == "ping") {
                        co_await response.ping();
                    } else {
                        co_await response.send(text);
                    }
                }
                co_return response;
            };
            const web::Server server{web::Handler(events)};
            const RawClient client(server);
            client.send("GET / HTTP/1.0\r\n\r\n");  // to the end of the connection, without chunks
            http::Decompressor decompressor(coding);
            for (const std::string text : kTexts) {
                says.put_nowait(text);
                if (text == "one") {
                    const std::string head = co_await client.head();
                    EXPECT_NE(head.find("Content-Encoding: " + std::string(http::coding_name(coding))),
                              head.npos);
                }
                const std::string expected = text == "ping" ? ": ping\n\n" : "data: " + text + "\n\n";
                std::string event;
                while (event.size() < expected.size()) {
                    const std::string more = co_await client.exactly(1);
                    decompressor.decompress(more, event);
                }
                EXPECT_EQ(event, expected) << http::coding_name(coding);
            }
            says.put_nowait("");
            const std::string end = co_await client.rest();
            std::string nothing;
            decompressor.decompress(end, nothing);
            decompressor.feed_eof();
            EXPECT_EQ(nothing, "");
        });
    }
}

TEST_F(ResponseCompressionTest, AStreamHoldsBackUntilItIsDrained) {
    run([]() -> Coro<> {
        Event go;
        const auto streams = [&](Request& request) -> Coro<Response> {
            web::StreamResponse response;
            response.enable_compression();
            co_await response.prepare(request);
            co_await response.write("a few words");
            co_await go.wait();
            co_await response.drain();
            co_await response.drain();  // adds nothing
            go.clear();
            co_await go.wait();
            co_return response;
        };
        const web::Server server{web::Handler(streams)};
        const RawClient client(server);
        client.send("GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
        const std::string head = co_await client.head();
        http::Decompressor decompressor(ContentCoding::gzip);
        const auto all_there = [&] {
            const std::string there(client.reader.buffered().text());
            client.reader.consume(there.size());
            std::string text;
            decompressor.decompress(there, text);
            return text;
        };
        co_await sleep(1s);
        EXPECT_EQ(all_there(), "");
        go.set();
        co_await sleep(1s);
        EXPECT_EQ(all_there(), "a few words");
        go.set();
        const std::string end = co_await client.rest();
        EXPECT_EQ(end.size(), std::size_t{10});  // the last block, a checksum and the size
    });
}

TEST_F(ResponseCompressionTest, OthersHaveATurnWhileMuchIsCompressed) {
    run([]() -> Coro<> {
        const std::string large(1 << 20, 'x');
        bool written = false;
        const auto streams = [&](Request& request) -> Coro<Response> {
            web::StreamResponse response;
            response.enable_compression();
            co_await response.prepare(request);
            co_await response.write(large);
            written = true;
            co_return response;
        };
        const web::Server server{web::Handler(streams)};
        const RawClient client(server);
        client.send("GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
        int turns = 0;
        while (!written) {
            co_await sleep(0s);
            ++turns;
        }
        EXPECT_GT(turns, 15);
        const std::string all = co_await client.rest();
        EXPECT_EQ(decoded(all.substr(all.find("\r\n\r\n") + 4), ContentCoding::gzip), large);
    });
}

}  // namespace
}  // namespace aio::tests
