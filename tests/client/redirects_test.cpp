// SPDX-License-Identifier: MIT
#include <client/raw_server.hpp>
#include <support/temporary_folder.hpp>

#include <aio/fs/open.hpp>
#include <aio/http/forms/form_data.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::SessionOptions;

std::string redirect(std::string_view status, std::string_view location) {
    return "HTTP/1.1 " + std::string(status) + " Go\r\nLocation: " + std::string(location) +
           "\r\nContent-Length: 4\r\n\r\nbody";
}

class RedirectsTest : public ClientTest {
protected:
    /// "/<status>" goes to "/end", "/loop" to itself, "/to?<url>" there; "/end" tells what it was asked.
    static std::string site(const Received& request) {
        const std::string target = request.target();
        if (target.starts_with("/end"))
            return ok(request.line().substr(0, request.line().find(' ')) + " " +
                      std::to_string(request.body.size()));
        if (target == "/loop") return redirect("302", "/loop");
        if (target.starts_with("/to?")) return redirect("302", target.substr(4));
        return redirect(target.substr(1, 3), "/end");
    }
};

TEST_F(RedirectsTest, S179_methods_and_bodies_of_redirects) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        std::string outcome;
        for (const char* const path : {"/301", "/302", "/303", "/307", "/308"}) {
            ClientResponse response = co_await session.post(server.url(path)).data("body");
            const std::string text = co_await response.text();
            outcome += path + (" " + text) + " " + std::to_string(response.history().size()) + "; ";
        }
        EXPECT_EQ(outcome, "/301 GET 0 1; /302 GET 0 1; /303 GET 0 1; /307 POST 4 1; /308 POST 4 1; ");
        try {
            co_await session.get(server.url("/loop"));
            ADD_FAILURE();
        } catch (const http::TooManyRedirects& error) {
            EXPECT_EQ(error.history().size(), 10u);
            EXPECT_EQ(error.request_info().url.str(), server.url("/loop"));
        }
        const ClientResponse response = co_await session.get(server.url("/loop")).allow_redirects(false);
        EXPECT_EQ(response.status(), 302);
        EXPECT_EQ(server.connections(), 1);
    });
}

TEST_F(RedirectsTest, OtherMethodsStay) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse put = co_await session.put(server.url("/302")).data("abc");
        const std::string text = co_await put.text();
        EXPECT_EQ(text, "PUT 3");
        ClientResponse other = co_await session.put(server.url("/303")).data("abc");
        const std::string got = co_await other.text();
        EXPECT_EQ(got, "GET 0");
        const ClientResponse head = co_await session.head(server.url("/303"));
        EXPECT_EQ(head.status(), 303);
        const ClientResponse followed = co_await session.head(server.url("/303")).allow_redirects();
        EXPECT_EQ(followed.method(), "HEAD");
        EXPECT_EQ(followed.status(), 200);
    });
}

TEST_F(RedirectsTest, TheHistoryAndTheUrl) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const ClientResponse response = co_await session.get(server.url("/to?/301#part"));
        EXPECT_EQ(response.url().str(), server.url("/end"));
        EXPECT_EQ(response.real_url().str(), server.url("/end#part"));
        EXPECT_EQ(response.history().size(), 2u);
        EXPECT_EQ(response.history()[0].status, 302);
        EXPECT_EQ(response.history()[0].url.str(), server.url("/to?/301#part"));
        EXPECT_EQ(response.history()[1].status, 301);
        const ClientResponse other = co_await session.get(server.url("/302#old")).param("x", "y");
        EXPECT_EQ(server.received()[3].target(), "/302?x=y");
        EXPECT_EQ(other.real_url().str(), server.url("/end#old"));
    });
}

TEST_F(RedirectsTest, TheLimitCountsRedirects) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<http::TooManyRedirects>(session.get(server.url("/301")).max_redirects(1));
        const ClientResponse response = co_await session.get(server.url("/301")).max_redirects(2);
        EXPECT_EQ(response.status(), 200);
    });
}

TEST_F(RedirectsTest, ALocationThatCannotBeFollowed) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await expect_thrown<http::NonHttpUrlRedirectClientError>(session.get(server.url("/to?ftp://h/")));
        co_await expect_thrown<http::NonHttpUrlRedirectClientError>(
            session.get(server.url("/to?javascript:alert(1)")));
        co_await expect_thrown<http::InvalidUrlRedirectClientError>(
            session.get(server.url("/to?http://127.1/")));
        co_await expect_thrown<http::InvalidUrlRedirectClientError>(
            session.get(server.url("/to?http:///path")));
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(RedirectsTest, WithoutALocationItIsTheResponse) {
    with(answering(
             [](const Received&) { return std::string("HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const ClientResponse response = co_await session.get(server.url());
             EXPECT_EQ(response.status(), 302);
             EXPECT_TRUE(response.history().empty());
         });
}

TEST_F(RedirectsTest, AnEncodedLocationMayBeTakenAsItIs) {
    const auto serve = answering([](const Received& request) {
        return request.target() == "/" ? redirect("302", "/%7Ehome/[x]") : ok("");
    });
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        EXPECT_EQ(server.last().target(), "/~home/%5Bx%5D");
    });
    with(SessionOptions().requote_redirect_url(false), serve,
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url());
             EXPECT_EQ(server.last().target(), "/%7Ehome/[x]");
         });
}

// F81: what was meant for one origin reaches no other.
class RedirectSecretsTest : public ClientTest {
protected:
    /// The head that the second server got of a request to the first one, which sends it there.
    void across(const SessionOptions& options,
                std::function<http::RequestBuilder(ClientSession&, std::string)> make, std::string* head) {
        run(
            [](SessionOptions own, auto prepare, std::string* out) -> Coro<> {
                auto target = co_await RawServer::start(answering([](const Received&) { return ok(""); }));
                const std::string there = target->url("/there");
                RawServer::Serve serve =
                    answering([there](const Received&) { return redirect("307", there); });
                auto first = co_await RawServer::start(std::move(serve));
                ClientSession session(std::move(own));
                co_await prepare(session, first->url());
                *out = target->last().head;
                EXPECT_TRUE(first->last().has("Authorization: ")) << first->last().head;
                EXPECT_TRUE(first->last().has("Cookie: ")) << first->last().head;
                co_await session.close();
                co_await first->close();
                co_await target->close();
            },
            options, std::move(make), head);
    }
    static void expect_no_secrets(const std::string& head) {
        for (const char* const secret : {"Authorization", "Cookie", "Proxy-Authorization", "secret"})
            EXPECT_EQ(head.find(secret), head.npos) << head;
        EXPECT_NE(head.find("GET /there"), head.npos) << head;
    }
};

TEST_F(RedirectSecretsTest, F81_of_a_request_stay_with_its_origin) {
    std::string head;
    across(
        SessionOptions(),
        [](ClientSession& session, std::string url) {
            return session.get(url)
                .header("Authorization", "secret one")
                .header("authorization", "secret two")
                .header("Proxy-Authorization", "secret")
                .header("Cookie", "a=secret")
                .cookie("b", "secret")
                .header("Host", "secret.test");
        },
        &head);
    expect_no_secrets(head);
}

TEST_F(RedirectSecretsTest, F81_of_a_session_stay_with_its_origin) {
    std::string head;
    const SessionOptions options = SessionOptions()
                                       .header("Authorization", "secret")
                                       .header("Authorization", "secret")
                                       .header("Cookie", "c=secret")
                                       .cookie("d", "secret");
    across(options, [](ClientSession& session, std::string url) { return session.get(url); }, &head);
    expect_no_secrets(head);
}

TEST_F(RedirectSecretsTest, F81_credentials_stay_with_their_origin) {
    std::string head;
    const SessionOptions options = SessionOptions().basic_auth("secret", "secret").cookie("a", "b");
    across(options, [](ClientSession& session, std::string url) { return session.get(url); }, &head);
    expect_no_secrets(head);
    across(
        SessionOptions(),
        [](ClientSession& session, std::string url) {
            return session.get(http::URL(url).with_user("secret").with_password("secret")).cookie("a", "b");
        },
        &head);
    expect_no_secrets(head);
}

TEST_F(RedirectSecretsTest, F81_within_an_origin_they_are_kept) {
    with(answering([](const Received& request) {
             return request.target() == "/" ? redirect("302", "/there") : ok("");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             co_await session.get(server.url())
                 .basic_auth("a", "b")
                 .cookie("c", "d")
                 .header("Authorization2", "x");
             EXPECT_EQ(server.last().target(), "/there");
             EXPECT_EQ(server.last().field("Authorization"), "Basic YTpi");
             EXPECT_EQ(server.last().field("Cookie"), "c=d");
         });
}

// F84
class RepeatedBodyTest : public ClientTest {
protected:
    static std::string site(const Received& request) {
        if (request.target() == "/end") return ok(request.body);
        return redirect(request.target().substr(1, 3), "/end");
    }
    /// The same; "/early" leads to "/end" before it has read the body.
    static Coro<> serving_early(Peer& peer) {
        while (true) {
            const bool there = co_await peer.head();
            if (!there) break;
            if (peer.last().target() == "/early") {
                peer.send(redirect("307", "/end"));
                co_await peer.gone();
                break;
            }
            co_await peer.body();
            peer.send(site(peer.last()));
        }
    }
    static AsyncGenerator<std::string> pieces() {
        co_yield "one";
        co_yield "two";
    }
};

TEST_F(RepeatedBodyTest, F84_bytes_are_sent_again) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string large(100'000, 'b');
        ClientResponse response = co_await session.post(server.url("/307")).data(large);
        const std::string text = co_await response.text();
        EXPECT_EQ(text, large);
        EXPECT_EQ(server.received()[0].body, large);
    });
}

// Whether or not the server has read them before it has sent the client on.
TEST_F(RepeatedBodyTest, F84_files_are_sent_again_from_where_they_began) {
    in_memory();
    const TemporaryFolder folder;
    const std::string path = folder.file("a");
    const std::string rest(1'000'000, 'r');
    std::ofstream(path) << std::string(100, '-') << rest;
    for (const char* const begin : {"/307", "/early"}) {
        with(serving_early, [&](ClientSession& session, RawServer& server) -> Coro<> {
            fs::File file = co_await fs::open(path, "rb");
            co_await file.seek(100);
            http::Payload opened = file;
            ClientResponse response = co_await session.post(server.url(begin)).data(std::move(opened));
            const std::string text = co_await response.text();
            EXPECT_EQ(text.size(), rest.size());
            EXPECT_TRUE(text == rest);
            co_await file.close();
            http::FormData form;
            form.add_field("file", http::Payload::file(path));
            http::Payload multipart(std::move(form));
            ClientResponse whole = co_await session.post(server.url(begin)).data(std::move(multipart));
            const std::string parts = co_await whole.text();
            EXPECT_NE(parts.find("\r\n\r\n" + std::string(100, '-') + rest + "\r\n--"), std::string::npos);
        });
    }
}

TEST_F(RepeatedBodyTest, F84_a_generator_has_ended_when_the_next_request_begins) {
    in_memory();
    bool ended = false;
    const auto endless = [](bool& done) -> AsyncGenerator<std::string> {
        struct Clean {
            bool& flag;
            ~Clean() { flag = true; }
        } clean{done};
        for (;;) {
            co_yield "piece";
            co_await sleep(1s);
        }
    };
    const auto serve = [&ended](Peer& peer) -> Coro<> {
        co_await peer.head();
        const bool at_end = peer.last().target() == "/end";
        if (at_end) {
            EXPECT_TRUE(ended);
        }
        peer.send(at_end ? ok("got", "Connection: close\r\n") : redirect("303", "/end"));
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.post(server.url()).data(endless(ended));
        const std::string text = co_await response.text();
        EXPECT_EQ(text, "got");
        ended = false;
        co_await expect_thrown<http::TooManyRedirects>(
            session.post(server.url()).data(endless(ended)).max_redirects(1));
        EXPECT_TRUE(ended);
    });
}

TEST_F(RepeatedBodyTest, F84_a_generator_cannot_be_sent_again) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        const std::string what =
            co_await expect_thrown<http::ClientPayloadError>(session.post(server.url("/307")).data(pieces()));
        EXPECT_NE(what.find("once only"), what.npos);
        EXPECT_EQ(server.received().size(), 1u);
        EXPECT_EQ(server.received()[0].body, "onetwo");
        EXPECT_EQ(lent(session), 0u);
    });
}

TEST_F(RepeatedBodyTest, F84_a_303_is_a_get_without_what_speaks_of_the_body) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.post(server.url("/303"))
                                      .data(pieces())
                                      .header("Content-Type", "text/x")
                                      .header("Content-Language", "en");
        EXPECT_EQ(response.method(), "GET");
        for (const char* const field : {"Content-", "Transfer-"}) {
            EXPECT_FALSE(server.last().has(field)) << server.last().head;
        }
    });
}

}  // namespace
}  // namespace aio::tests
