// SPDX-License-Identifier: MIT
// Requests that are cancelled at every point: the pool stays sound, and the next request gets its own answer.
#include <client/raw_server.hpp>
#include <net/net_support.hpp>
#include <support/inject.hpp>

#include <aio/client/auth/digest_auth_middleware.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/forms/form_data.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

std::string gzipped(std::string_view text) {
    std::string out;
    http::Compressor compressor(http::ContentCoding::gzip);
    compressor.compress(text, out);
    compressor.finish(out);
    return out;
}

/// Answers of one piece.
std::string answer_to(const Received& request) {
    const std::string target = request.target();
    if (target == "/go") return "HTTP/1.1 302 Go\r\nLocation: /end\r\nContent-Length: 4\r\n\r\ngone";
    if (target == "/503") return "HTTP/1.1 503 Later\r\nContent-Length: 2\r\n\r\nno";
    if (target == "/gzip") return ok(gzipped("a text"), "Content-Encoding: gzip\r\n");
    if (target == "/secret" && !request.has("Authorization"))
        return "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=auth\r\n"
               "Content-Length: 2\r\n\r\nno";
    return ok(target + request.body);
}

/// "/end" comes in pieces, "/hold" takes a second, "/close" ends with the connection, "/early" does not wait
/// for the request's body; of a connection "/last" is the last request that is answered.
Coro<> site(Peer& peer) {
    std::string target;
    while (target != "/last" && target != "/close") {
        const bool there = co_await peer.head();
        if (!there) break;
        target = peer.last().target();
        if (target == "/early") {
            peer.answer("early");
            co_await peer.gone();
            break;
        }
        if (peer.last().has("Expect")) {
            co_await sleep(1s);
            peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        }
        co_await peer.body();
        if (target == "/end") {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            co_await sleep(1s);
            peer.send("3\r\ntwo\r\n0\r\n\r\n");
        } else if (target == "/close") {
            peer.send("HTTP/1.1 200 OK\r\n\r\none");
            co_await sleep(1s);
            peer.send("two");
        } else if (target == "/hold") {
            co_await sleep(1s);
            peer.answer("held");
        } else {
            peer.send(answer_to(peer.last()));
        }
    }
    if (target == "/last") co_await peer.head();  // it is not answered any more
}

class RequestScenario : public Scenario {
public:
    Coro<> prepare() override {
        const auto limited = http::ConnectorOptions().limit(limit());
        if (over_sockets()) {
            server_ = co_await RawServer::start(&site);
            tcp_ = std::make_shared<http::TCPConnector>(limited);
            session_.emplace(options().connector(tcp_));
        } else {
            server_ = RawServer::in_memory(&site);
            memory_ = server_->connector(limited);
            session_.emplace(options().connector(memory_));
        }
        if (first()) co_await session_->get(url(first()));
    }
    Coro<> finish() override {
        EXPECT_EQ(lent(), 0u);
        kept_ = idle();
        co_await sleep(5s);  // until whoever serves has noticed
        while (over_sockets() && server_->open() != static_cast<int>(idle())) co_await sleep(0s);
        EXPECT_EQ(server_->open(), static_cast<int>(idle())) << "a connection is open";
        EXPECT_EQ(cleaned_, begun_) << "clean-ups of generators";
        {
            ClientResponse response = co_await session_->get(url("/mine"));
            const std::string text = co_await response.text();
            EXPECT_EQ(text, "/mine");
        }
        EXPECT_EQ(lent(), 0u);
        EXPECT_GE(idle(), 1u);
        co_await session_->close();
        co_await server_->close();
        session_.reset();
        memory_.reset();
        tcp_.reset();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (!outcome.subject.cancelled() && keeps()) {
            EXPECT_EQ(kept_, *keeps());
        }
    }

protected:
    virtual SessionOptions options() const { return SessionOptions(); }
    virtual std::size_t limit() const { return 1; }
    virtual bool over_sockets() const { return false; }
    /// What is asked for before, if anything.
    virtual const char* first() const { return nullptr; }
    /// How many connections are in the pool when nothing was cancelled; nothing if that depends.
    virtual std::optional<std::size_t> keeps() const { return 1; }

    ClientSession& session() { return *session_; }
    std::string url(std::string_view path) const { return server_->url(path); }
    Coro<std::string> text_of(http::RequestBuilder request) {
        ClientResponse response = co_await std::move(request);
        co_return co_await response.text();
    }
    /// Two pieces; counts beginnings and clean-ups.
    AsyncGenerator<std::string> two_pieces() {
        struct Clean {
            int& count;
            ~Clean() { ++count; }
        } clean{cleaned_};
        ++begun_;
        co_yield "one";
        co_await sleep(1s);
        co_yield "two";
    }

private:
    std::size_t lent() const { return memory_ ? memory_->lent() : tcp_->lent(); }
    std::size_t idle() const { return memory_ ? memory_->idle() : tcp_->idle(); }

    std::unique_ptr<RawServer> server_;
    std::shared_ptr<MemoryConnector> memory_;
    std::shared_ptr<http::TCPConnector> tcp_;
    std::optional<ClientSession> session_;
    std::size_t kept_ = 0;
    int begun_ = 0;
    int cleaned_ = 0;
};

struct RedirectedGet : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().get(url("/go")).timeout(1min));
        EXPECT_EQ(text, "onetwo");
    }
};

struct BodyInPieces : RequestScenario {
    Coro<> subject() override {
        ClientResponse response = co_await session().get(url("/end"));
        std::string text;
        while (auto chunk = co_await response.content().next_chunk()) text += *chunk;
        EXPECT_EQ(text, "onetwo");
    }
};

struct BodyUntilTheEnd : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().get(url("/close")));
        EXPECT_EQ(text, "onetwo");
    }
    std::optional<std::size_t> keeps() const override { return 0; }
};

struct CompressedBody : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().get(url("/gzip")));
        EXPECT_EQ(text, "a text");
    }
};

// Of "/mine" all is there when it is left, of "/end" only a part.
struct LeftUnread : RequestScenario {
    Coro<> subject() override {
        co_await session().get(url("/mine"));
        auto request = session().get(url("/end"));
        co_await async_with(std::move(request), &LeftUnread::look);
    }
    static Coro<> look(ClientResponse& response) {
        EXPECT_EQ(response.status(), 200);
        co_return;
    }
    std::optional<std::size_t> keeps() const override { return 0; }
};

struct StreamedPost : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().post(url("/post")).data(two_pieces()));
        EXPECT_EQ(text, "/postonetwo");
    }
};

struct MultipartPost : RequestScenario {
    Coro<> subject() override {
        http::FormData form;
        form.add_field("a", "text");
        form.add_field("b", two_pieces());
        http::Payload body(std::move(form));
        const std::string text = co_await text_of(session().post(url("/form")).data(std::move(body)));
        EXPECT_NE(text.find("onetwo"), std::string::npos);
    }
};

struct CompressedPost : RequestScenario {
    Coro<> subject() override {
        auto request = session().post(url("/post")).data(two_pieces()).compress(http::ContentCoding::gzip);
        ClientResponse response = co_await std::move(request);
        const std::string& echo = co_await response.read();  // no text
        EXPECT_EQ(echo, "/post" + gzipped("onetwo"));
    }
};

struct PostThatIsExpected : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().post(url("/post")).data("body").expect100(2s));
        EXPECT_EQ(text, "/postbody");
    }
};

struct EarlyAnswer : RequestScenario {
    Coro<> subject() override {
        const std::string text = co_await text_of(session().post(url("/early")).data(two_pieces()));
        EXPECT_EQ(text, "early");
    }
    std::optional<std::size_t> keeps() const override { return 0; }
};

struct AnsweredChallenge : RequestScenario {
    SessionOptions options() const override {
        return SessionOptions().middleware(http::DigestAuthMiddleware("me", "password"));
    }
    Coro<> subject() override {
        const std::string text = co_await text_of(session().post(url("/secret")).data("body"));
        EXPECT_EQ(text, "/secretbody");
    }
};

// The connection of the pool dies under the request, which is sent once more.
struct StaleConnection : RequestScenario {
    const char* first() const override { return "/last"; }
    Coro<> subject() override {
        const std::string text = co_await text_of(session().get(url("/again")));
        EXPECT_EQ(text, "/again");
    }
};

struct RefusedStatus : RequestScenario {
    Coro<> subject() override {
        try {
            co_await session().get(url("/503")).raise_for_status();
            ADD_FAILURE();
        } catch (const http::ClientResponseError& error) {
            EXPECT_EQ(error.status(), 503);
        }
    }
};

// The answer, the end of its time and the cancellation come in any order.
struct TimeThatIsShort : RequestScenario {
    Coro<> subject() override {
        try {
            co_await text_of(session().get(url("/hold")).timeout(1s));
        } catch (const TimeoutError&) {
        }
    }
    std::optional<std::size_t> keeps() const override { return std::nullopt; }
};

struct WaitForAPlace : RequestScenario {
    Coro<> others() override {
        const std::string text = co_await text_of(session().get(url("/hold")));
        EXPECT_EQ(text, "held");
    }
    Coro<> subject() override {
        const std::string text = co_await text_of(session().get(url("/end")));
        EXPECT_EQ(text, "onetwo");
    }
};

struct SeveralAtOnce : RequestScenario {
    std::size_t limit() const override { return 2; }
    Coro<> subject() override {
        std::vector<Coro<std::string>> all;
        for (const char* const path : {"/end", "/hold", "/go"})
            all.push_back(text_of(session().get(url(path))));
        const std::vector<std::string> texts = co_await gather(std::move(all));
        EXPECT_EQ(texts, (std::vector<std::string>{"onetwo", "held", "onetwo"}));
    }
    std::optional<std::size_t> keeps() const override { return 2; }
};

struct TracedRequest : RequestScenario {
    template <class Params>
    static Coro<> pause(http::TraceContext&, const Params&) {
        return sleep_once();
    }
    static Coro<> sleep_once() { co_await sleep(0s); }
    SessionOptions options() const override {
        http::TraceConfig trace;
        trace.on_request_start.append(&pause<http::TraceRequestStartParams>);
        trace.on_request_headers_sent.append(&pause<http::TraceRequestHeadersSentParams>);
        trace.on_request_chunk_sent.append(&pause<http::TraceRequestChunkSentParams>);
        trace.on_response_chunk_received.append(&pause<http::TraceResponseChunkReceivedParams>);
        trace.on_request_redirect.append(&pause<http::TraceRequestRedirectParams>);
        trace.on_request_end.append(&pause<http::TraceRequestEndParams>);
        trace.on_connection_create_start.append(&pause<http::TraceConnectionCreateStartParams>);
        trace.on_connection_create_end.append(&pause<http::TraceConnectionCreateEndParams>);
        trace.on_connection_reuseconn.append(&pause<http::TraceConnectionReuseconnParams>);
        return SessionOptions().trace_config(trace);
    }
    Coro<> subject() override {
        const std::string sent = co_await text_of(session().post(url("/post")).data(two_pieces()));
        EXPECT_EQ(sent, "/postonetwo");
        const std::string text = co_await text_of(session().get(url("/go")));
        EXPECT_EQ(text, "onetwo");
    }
};

template <class S>
struct OverSockets : S {
    bool over_sockets() const override { return true; }
};

/// No descriptor is left.
template <class S>
void inject_over_sockets(std::size_t points) {
    const int before = open_descriptors();
    inject<S>(points);
    EXPECT_EQ(open_descriptors(), before);
}

TEST(RequestInjection, ARedirectedGetOverSockets) { inject_over_sockets<OverSockets<RedirectedGet>>(25); }
TEST(RequestInjection, AStreamedPostOverSockets) { inject_over_sockets<OverSockets<StreamedPost>>(24); }
TEST(RequestInjection, SeveralAtOnceOverSockets) { inject_over_sockets<OverSockets<SeveralAtOnce>>(50); }
TEST(RequestInjection, ARedirectedGet) { inject<RedirectedGet>(36); }
TEST(RequestInjection, F88_a_body_in_pieces) { inject<BodyInPieces>(27); }
TEST(RequestInjection, F88_a_body_until_the_end) { inject<BodyUntilTheEnd>(31); }
TEST(RequestInjection, ACompressedBody) { inject<CompressedBody>(19); }
TEST(RequestInjection, BodiesThatAreLeft) { inject<LeftUnread>(28); }
TEST(RequestInjection, AStreamedPost) { inject<StreamedPost>(29); }
TEST(RequestInjection, AMultipartPost) { inject<MultipartPost>(29); }
TEST(RequestInjection, ACompressedPost) { inject<CompressedPost>(29); }
TEST(RequestInjection, APostThatIsExpected) { inject<PostThatIsExpected>(34); }
TEST(RequestInjection, F85_an_early_answer) { inject<EarlyAnswer>(30); }
TEST(RequestInjection, AnAnsweredChallenge) { inject<AnsweredChallenge>(28); }
TEST(RequestInjection, F92_a_connection_that_dies) { inject<StaleConnection>(30); }
TEST(RequestInjection, AStatusThatIsRefused) { inject<RefusedStatus>(19); }
TEST(RequestInjection, TimeThatIsShort) { inject<TimeThatIsShort>(19); }
TEST(RequestInjection, F87_waiting_for_a_place) { inject<WaitForAPlace>(40); }
TEST(RequestInjection, SeveralAtOnce) { inject<SeveralAtOnce>(76); }
TEST(RequestInjection, WithHooksThatWait) { inject<TracedRequest>(84); }

}  // namespace
}  // namespace aio::tests
