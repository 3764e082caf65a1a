// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::EventOptions;
using web::Request;
using web::Response;

struct EventSourceTest : WebTest {};

TEST_F(EventSourceTest, SendsEvents) {
    const auto events = [](Request& request) -> Coro<Response> {
        web::EventSourceResponse response;
        co_await response.prepare(request);
        co_await response.send("one");
        co_await response.send("two\nlines\r\nand\rmore", EventOptions().event("kind").id("7").retry(1500ms));
        co_await response.ping();
        co_return response;
    };
    const std::string all = answer(events, "GET / HTTP/1.0\r\n\r\n");
    EXPECT_NE(all.find("Content-Type: text/event-stream\r\n"), std::string::npos) << all;
    EXPECT_NE(all.find("Cache-Control: no-cache\r\n"), std::string::npos) << all;
    EXPECT_EQ(
        all.substr(all.find("\r\n\r\n") + 4),
        "data: one\n\nid: 7\nevent: kind\nretry: 1500\ndata: two\ndata: lines\ndata: and\ndata: more\n\n: "
        "ping\n\n");
}

TEST_F(EventSourceTest, NoEventCanBeSmuggledIn) {
    std::string said;
    const auto events = [&](Request& request) -> Coro<Response> {
        web::EventSourceResponse response;
        co_await response.prepare(request);
        std::vector<EventOptions> wrong;
        wrong.push_back(EventOptions().event("a\ndata: b"));
        wrong.push_back(EventOptions().id("a\rb"));
        for (const EventOptions& bad : wrong) {
            try {
                co_await response.send("x", bad);
            } catch (const ValueError& e) {
                said += std::string(e.what()) + "; ";
            }
        }
        co_return response;
    };
    const std::string all = answer(events, "GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "");
    EXPECT_EQ(
        said,
        "the event of an event cannot have a line break; the id of an event cannot have a line break; ");
}

TEST_F(EventSourceTest, EndsWhenTheClientHasGone) {
    bool cleaned = false;
    run([&]() -> Coro<> {
        const auto events = [&](Request& request) -> Coro<Response> {
            struct AtEnd {
                bool& set;
                ~AtEnd() { set = true; }
            } const at_end{cleaned};
            web::EventSourceResponse response;
            co_await response.prepare(request);
            for (;;) {
                co_await response.send("tick");
                co_await sleep(1s);
            }
            co_return response;
        };
        const web::Server server{web::Handler(events)};
        const RawClient client(server);
        client.send("GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 5\r\n\r\n");
        co_await sleep(3s);
        EXPECT_FALSE(cleaned);
        client.writer.transport().abort();
        co_await sleep(3s);
        EXPECT_TRUE(cleaned);
        EXPECT_EQ(server.connections(), 0u);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

}  // namespace
}  // namespace aio::tests
