// SPDX-License-Identifier: MIT
// Bodies that are sent while the response may come.
#include <client/raw_server.hpp>

#include <aio/http/error.hpp>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

class UploadsTest : public ClientTest {
protected:
    /// `count` pieces, one each second; tells how many were made, and whether it has come to its end.
    struct Source {
        int made = 0;
        bool cleaned = false;
    };
    static AsyncGenerator<std::string> slow_pieces(Source& source, int count) {
        struct Clean {
            bool& done;
            ~Clean() { done = true; }
        } clean{source.cleaned};
        for (int i = 0; i < count; ++i) {
            ++source.made;
            co_yield std::string("piece ") + std::to_string(i) + "\n";
            co_await sleep(1s);
        }
    }
    template <class E = LookupError>
    static AsyncGenerator<std::string> failing(E error = E("no more")) {
        co_yield "some";
        co_await sleep(1s);
        throw error;
    }
};

TEST_F(UploadsTest, AGeneratorIsSentInChunks) {
    in_memory();
    with(answering([](const Received& request) { return ok(request.body); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             Source source;
             ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 3));
             EXPECT_EQ(server.last().field("Transfer-Encoding"), "chunked");
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "piece 0\npiece 1\npiece 2\n");
             EXPECT_EQ(clock().elapsed(), 3s);
             EXPECT_TRUE(source.cleaned);
             EXPECT_EQ(idle(session), 1u);
         });
}

TEST_F(UploadsTest, WithALengthThereAreNoChunks) {
    with(answering([](const Received& request) { return ok(request.body); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             Source source;
             ClientResponse response = co_await session.post(server.url())
                                           .data(slow_pieces(source, 2))
                                           .header("Content-Length", "16");
             EXPECT_FALSE(server.last().has("Transfer-Encoding"));
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "piece 0\npiece 1\n");
         });
}

TEST_F(UploadsTest, ABodyThatIsShorterThanItsLengthIsAnError) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        co_await expect_thrown<RuntimeError>(
            session.post(server.url()).data(slow_pieces(source, 2)).header("Content-Length", "17"));
        co_await expect_thrown<RuntimeError>(
            session.post(server.url()).data(slow_pieces(source, 2)).header("Content-Length", "15"));
        EXPECT_EQ(lent(session), 0u);
        co_await until([&] { return server.open() == 0; });
    });
}

TEST_F(UploadsTest, AnErrorOfTheGeneratorEndsTheRequest) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string what =
            co_await expect_thrown<LookupError>(session.post(server.url()).data(failing()));
        EXPECT_EQ(what, "no more");
        co_await until([&] { return server.open() == 0; });
        EXPECT_EQ(lent(session), 0u);
        EXPECT_EQ(idle(session), 0u);
    });
}

// A proxy passes on a body that it receives: what breaks there is not this request's.
TEST_F(UploadsTest, AnErrorOfTheGeneratorIsItsOwnWhateverItsType) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.send(ok("first"));
        co_await peer.head();
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string first = co_await (co_await session.get(server.url())).text();
        EXPECT_EQ(first, "first");
        const std::string bad = co_await expect_thrown<http::BadHttpMessage>(
            session.post(server.url()).data(failing(http::BadHttpMessage("theirs"))));
        EXPECT_EQ(bad, "theirs");
        co_await until([&] { return server.open() == 0; });
    });
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string first = co_await (co_await session.get(server.url())).text();
        EXPECT_EQ(first, "first");
        co_await expect_thrown<http::ServerDisconnectedError>(
            session.put(server.url()).data(failing(http::ServerDisconnectedError())));
        co_await until([&] { return server.open() == 0; });
        EXPECT_EQ(server.connections(), 1u) << "it is not sent again";
    });
}

TEST_F(UploadsTest, AnErrorOfTheGeneratorEndsABodyThatIsBeingRead) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.post(server.url()).data(failing());
        const auto half = co_await response.content().next_chunk();
        EXPECT_EQ(half, "half");
        co_await expect_thrown<LookupError>(response.content().readany());
        EXPECT_TRUE(response.closed());
    });
}

TEST_F(UploadsTest, TheAnswerMayComeBeforeTheBodyHasGone) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 3; ++i) {
            const std::string line = co_await peer.reader().readline();
            const std::string chunk = co_await peer.reader().readexactly(std::stoi(line, nullptr, 16) + 2);
            peer.send(line + chunk);
        }
        co_await peer.reader().readuntil("0\r\n\r\n");
        peer.send("0\r\n\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 3));
        EXPECT_EQ(clock().elapsed(), 0s);
        for (int i = 0; i < 3; ++i) {
            const auto piece = co_await response.content().next_chunk();
            EXPECT_EQ(piece, "piece " + std::to_string(i) + "\n");
            EXPECT_EQ(clock().elapsed(), std::chrono::seconds(i));
        }
        const auto end = co_await response.content().next_chunk();
        EXPECT_EQ(end, std::nullopt);
        EXPECT_EQ(idle(session), 1u);
    });
}

// F85: the rest of the body would be the beginning of the next request.
TEST_F(UploadsTest, F85_a_connection_whose_upload_goes_on_is_not_used_again) {
    const auto serve = [](Peer& peer) -> Coro<> {
        const bool there = co_await peer.head();
        if (!there) co_return;
        peer.answer("early");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 1000));
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "early");
        EXPECT_TRUE(source.cleaned);
        EXPECT_TRUE(response.closed());
        EXPECT_FALSE(response.upload_complete());
        EXPECT_EQ(lent(session), 0u);
        EXPECT_EQ(idle(session), 0u);
        co_await until([&] { return server.open() == 0 && source.cleaned; });
        EXPECT_LT(source.made, 10);
        ClientResponse next = co_await session.get(server.url());
        EXPECT_EQ(server.connections(), 2);
        EXPECT_EQ(server.last().line(), "GET / HTTP/1.1");
    });
}

TEST_F(UploadsTest, F85_so_if_the_early_answer_has_no_body) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.answer("");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        const ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 1000));
        EXPECT_TRUE(source.cleaned);
        EXPECT_TRUE(response.closed());
        EXPECT_EQ(idle(session), 0u);
    });
}

TEST_F(UploadsTest, F85_so_with_a_body_in_memory_that_the_server_does_not_take) {
    const auto serve = [](Peer& peer) -> Coro<> {
        const bool there = co_await peer.head();
        if (!there) co_return;
        peer.answer("early");
        co_await sleep(1h);
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string large(50'000'000, 'x');
        ClientResponse response = co_await session.post(server.url()).data(large);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "early");
        EXPECT_EQ(idle(session), 0u);
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(UploadsTest, F85_a_cancelled_upload_closes_the_connection) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        auto request = create_task(session.post(server.url()).data(slow_pieces(source, 1000)));
        co_await sleep(2500ms);
        request.cancel();
        co_await as_result(request);
        EXPECT_TRUE(request.cancelled());
        EXPECT_TRUE(source.cleaned);
        co_await until([&] { return server.open() == 0; });
        EXPECT_EQ(source.made, 3);
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(UploadsTest, AServerThatAnswersEarlyAndClosesIsHeard) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.answer("too large", "HTTP/1.1 413 Too Large\r\nConnection: close\r\n");
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 1000));
        EXPECT_EQ(response.status(), 413);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "too large");
        EXPECT_TRUE(source.cleaned);
    });
}

TEST_F(UploadsTest, AsyncWithEndsTheUpload) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        auto request = session.post(server.url()).data(slow_pieces(source, 1000));
        co_await async_with(std::move(request), [](ClientResponse& response) -> Coro<> {
            EXPECT_EQ(response.status(), 200);
            co_return;
        });
        EXPECT_TRUE(source.cleaned);
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(UploadsTest, TheHeadDoesNotWaitForTheBody) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        EXPECT_EQ(get_running_loop().time(), TimePoint(1000s));
        co_await peer.body();
        peer.answer(peer.last().body);
        co_await peer.gone();
    };
    const auto late = []() -> AsyncGenerator<std::string> {
        co_await sleep(1h);
        co_yield "late";
    };
    with(http::SessionOptions().timeout(http::ClientTimeout()), serve,
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.post(server.url()).data(late());
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "late");
         });
}

TEST_F(UploadsTest, TheResponseTellsHowMuchWasSent) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        co_await peer.body();
        peer.send("0\r\n\r\n");
        co_await peer.request();
        peer.answer("");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        ClientResponse response = co_await session.post(server.url()).data(slow_pieces(source, 2));
        const std::size_t head = server.last().head.size();
        EXPECT_FALSE(response.upload_complete());
        EXPECT_EQ(response.output_size(), head + 13);  // "8\r\n", the first piece and a line break
        co_await response.read();
        EXPECT_TRUE(response.upload_complete());
        EXPECT_EQ(response.output_size(), head + 2 * 13 + 5);
        ClientResponse text = co_await session.post(server.url()).data("bytes").header("Connection", "close");
        EXPECT_TRUE(text.upload_complete());
        EXPECT_EQ(text.output_size(), server.last().head.size() + 5);
    });
}

// --- Expect: 100-continue -------------------------------------------------------------------------

TEST_F(UploadsTest, TheBodyWaitsForContinue) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        EXPECT_EQ(peer.last().field("Expect"), "100-continue");
        co_await sleep(500ms);
        EXPECT_TRUE(peer.reader().buffered().empty());
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        co_await peer.body();
        peer.answer(peer.last().body);
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.post(server.url()).data("the body").expect100();
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "the body");
        EXPECT_EQ(clock().elapsed(), 500ms);
        EXPECT_EQ(idle(session), 1u);
    });
}

TEST_F(UploadsTest, AServerThatSaysNothingGetsTheBodyAllTheSame) {
    in_memory();
    with(answering([](const Received& request) { return ok(request.body); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.post(server.url()).data("the body").expect100(3s);
             const std::string text = co_await response.text();
             EXPECT_EQ(text, "the body");
             EXPECT_EQ(clock().elapsed(), 3s);
         });
}

TEST_F(UploadsTest, AServerMayRefuseTheBody) {
    in_memory();
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.head();
        peer.answer("no", "HTTP/1.1 417 Expectation Failed\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Source source;
        ClientResponse response =
            co_await session.post(server.url()).data(slow_pieces(source, 3)).expect100();
        EXPECT_EQ(response.status(), 417);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "no");
        EXPECT_EQ(source.made, 0);
        EXPECT_EQ(idle(session), 0u);
        EXPECT_EQ(clock().elapsed(), 0s);
    });
}

TEST_F(UploadsTest, WithoutABodyNothingIsExpected) {
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url()).expect100();
             EXPECT_FALSE(server.last().has("Expect"));
         });
}

}  // namespace
}  // namespace aio::tests
