// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>

#include <aio/base/log.hpp>
#include <aio/client/tracing.hpp>
#include <aio/net/resolver.hpp>

#include <any>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::ServerDisconnectedError;
using http::SessionOptions;
using http::TraceConfig;
using http::TraceConnectionCreateEndParams;
using http::TraceConnectionCreateStartParams;
using http::TraceConnectionReuseconnParams;
using http::TraceContext;
using http::TraceRequestChunkSentParams;
using http::TraceRequestEndParams;
using http::TraceRequestExceptionParams;
using http::TraceRequestHeadersSentParams;
using http::TraceRequestRedirectParams;
using http::TraceRequestStartParams;
using http::TraceResponseChunkReceivedParams;

class TracingTest : public ClientTest {
protected:
    TracingTest() { in_memory(); }
    /// Hooks that write everything down.
    static TraceConfig writing(std::vector<std::string>& log) {
        TraceConfig trace;
        trace.on_request_start.append([&log](TraceContext&, const TraceRequestStartParams& p) {
            log.push_back("start " + p.method + " " + std::string(p.url.raw_path()));
        });
        trace.on_request_headers_sent.append([&log](TraceContext&, const TraceRequestHeadersSentParams& p) {
            log.push_back("sent " + std::to_string(p.headers.contains("Host")));
        });
        trace.on_request_redirect.append([&log](TraceContext&, const TraceRequestRedirectParams& p) {
            log.push_back("redirect " + std::to_string(p.response.status()));
        });
        trace.on_response_chunk_received.append(
            [&log](TraceContext&, const TraceResponseChunkReceivedParams& p) {
                log.push_back("chunk " + std::string(p.chunk));
            });
        trace.on_request_end.append([&log](TraceContext&, const TraceRequestEndParams& p) -> Coro<> {
            co_await sleep(1s);
            log.push_back("end " + std::to_string(p.response.status()));
        });
        trace.on_request_exception.append([&log](TraceContext&, const TraceRequestExceptionParams& p) {
            log.push_back("exception " + describe(p.exception));
        });
        trace.on_connection_create_start.append(
            [&log](TraceContext&, const TraceConnectionCreateStartParams&) { log.push_back("create"); });
        trace.on_connection_create_end.append(
            [&log](TraceContext&, const TraceConnectionCreateEndParams&) { log.push_back("created"); });
        trace.on_connection_reuseconn.append(
            [&log](TraceContext&, const TraceConnectionReuseconnParams&) { log.push_back("reuse"); });
        return trace;
    }
    static std::string site(const Received& request) {
        if (request.target() == "/end") return ok("body");
        return "HTTP/1.1 302 Go\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n";
    }
};

TEST_F(TracingTest, HooksHearOfEverything) {
    std::vector<std::string> log;
    with(SessionOptions().trace_config(writing(log)), answering(site),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url("/begin"));
             EXPECT_EQ(clock().elapsed(), 1s);
             co_await response.text();
             const std::vector<std::string> expected{"start GET /begin", "create",       "created",
                                                     "sent 1",           "redirect 302", "reuse",
                                                     "sent 1",           "end 200",      "chunk body"};
             EXPECT_EQ(log, expected);
         });
}

TEST_F(TracingTest, HooksHearOfBodiesThatAreSent) {
    std::vector<std::string> chunks;
    TraceConfig trace;
    trace.on_request_chunk_sent.append([&chunks](TraceContext&, const TraceRequestChunkSentParams& p) {
        chunks.push_back(p.method + " " + std::string(p.chunk));
    });
    const auto pieces = []() -> AsyncGenerator<std::string> {
        co_yield "one";
        co_yield "two";
    };
    with(SessionOptions().trace_config(trace), answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.post(server.url()).data("bytes");
             co_await session.post(server.url()).data(pieces());
             EXPECT_EQ(chunks, (std::vector<std::string>{"POST bytes", "POST one", "POST two"}));
         });
}

/// 127.0.0.1, whatever the name.
struct AnyName final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string, std::uint16_t port,
                                            AddrInfoOptions options) override {
        AddrInfo info;
        info.family = AF_INET;
        info.type = options.get_type();
        info.address = SocketAddress("127.0.0.1", port);
        co_return std::vector<AddrInfo>(1, info);
    }
};

TEST_F(TracingTest, HooksHearOfThePoolAndOfNames) {
    over_sockets();
    std::string log;
    TraceConfig trace;
    const auto writes = [&log](const char* what) { return [&log, what](auto&&...) { log += what; }; };
    trace.on_connection_queued_start.append(writes("queued "));
    trace.on_connection_queued_end.append(writes("had "));
    trace.on_connection_create_start.append(writes("create "));
    trace.on_connection_create_end.append(writes("created "));
    trace.on_connection_reuseconn.append(writes("reuse "));
    trace.on_dns_resolvehost_start.append(
        [&log](TraceContext&, const http::TraceDnsResolveHostStartParams& p) {
            log.append("resolve ").append(p.host) += ' ';
        });
    trace.on_dns_resolvehost_end.append([&log](TraceContext&, const http::TraceDnsResolveHostEndParams& p) {
        log.append("resolved ").append(p.host) += ' ';
    });
    trace.on_dns_cache_hit.append(writes("hit "));
    trace.on_dns_cache_miss.append(writes("miss "));
    const auto connector = std::make_shared<http::TCPConnector>(
        http::ConnectorOptions().limit(1).resolver(std::make_shared<AnyName>()));
    with(SessionOptions().trace_config(trace).connector(connector), answering(site),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const std::string url = "http://one.test:" + std::to_string(server.port()) + "/end";
             ClientResponse first = co_await session.get(url);
             EXPECT_EQ(log, "create miss resolve one.test resolved one.test created ");
             log.clear();
             auto second = create_task(session.get(url));
             co_await sleep(0s);
             EXPECT_EQ(log, "queued ");
             co_await first.read();
             ClientResponse reused = co_await std::move(second);
             EXPECT_EQ(log, "queued had reuse ");
             log.clear();
             co_await reused.read();
             co_await session.get(url).header("Connection", "close");
             co_await session.get(url);
             EXPECT_EQ(log, "reuse create hit created ");
         });
}

TEST_F(TracingTest, HooksHearOfErrors) {
    std::vector<std::string> log;
    const auto serve = [](Peer& peer) -> Coro<> { co_await peer.request(); };
    with(SessionOptions().trace_config(writing(log)), serve,
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await expect_thrown<ServerDisconnectedError>(session.get(server.url()));
             EXPECT_EQ(log.back(), "exception aio::http::ServerDisconnectedError: Server disconnected");
         });
}

TEST_F(TracingTest, EachRequestHasAStateOfItsOwn) {
    std::vector<std::string> log;
    TraceConfig trace = TraceConfig().trace_config_ctx_factory([](const std::any& given) {
        return std::any("made for " + (given.has_value() ? std::any_cast<std::string>(given) : "nobody"));
    });
    trace.on_request_start.append([&log](TraceContext& context, const TraceRequestStartParams&) {
        log.push_back(std::any_cast<std::string>(context.state()));
        context.state() = std::string("changed");
    });
    trace.on_request_end.append([&log](TraceContext& context, const TraceRequestEndParams&) {
        log.push_back(std::any_cast<std::string>(context.state()));
        log.push_back(context.trace_request_ctx().has_value() ? "given" : "none");
    });
    with(SessionOptions().trace_config(trace), answering(site),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url("/end")).trace_request_ctx(std::string("me"));
             co_await session.get(server.url("/end"));
             EXPECT_EQ(log, (std::vector<std::string>{"made for me", "changed", "given", "made for nobody",
                                                      "changed", "none"}));
         });
}

TEST_F(TracingTest, ArgumentsOfAHookAreKept) {
    struct Counter {
        int count = 0;
        void add(TraceContext&, const TraceRequestStartParams&) { ++count; }
    } counter;
    TraceConfig trace;
    trace.on_request_start.append(&Counter::add, &counter);
    EXPECT_EQ(trace.on_request_start.size(), 1u);
    EXPECT_TRUE(trace.on_request_end.empty());
    with(SessionOptions().trace_config(trace), answering(site),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url("/end"));
             EXPECT_EQ(counter.count, 1);
         });
}

TEST_F(TracingTest, AnErrorOfAHookEndsTheRequest) {
    TraceConfig trace;
    trace.on_request_headers_sent.append(
        [](TraceContext&, const TraceRequestHeadersSentParams&) { throw LookupError("a hook"); });
    with(SessionOptions().trace_config(trace), answering(site),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const std::string what = co_await expect_thrown<LookupError>(session.get(server.url("/end")));
             EXPECT_EQ(what, "a hook");
             EXPECT_EQ(lent(session), 0u);
         });
}

}  // namespace
}  // namespace aio::tests
