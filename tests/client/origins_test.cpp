// SPDX-License-Identifier: MIT
// Which server is asked, and what no other one is told: F81, F82. All hosts are one server in memory.
#include <client/raw_server.hpp>

#include <functional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::RequestBuilder;
using http::SessionOptions;
using http::URL;

class OriginsTest : public ClientTest {
protected:
    using Make = std::function<RequestBuilder(ClientSession&, std::string)>;

    OriginsTest() { in_memory(); }

    /// "/to?<url>" leads there, and sets a cookie for its host and one for all below it.
    static std::string site(const Received& request) {
        const std::string target = request.target();
        if (!target.starts_with("/to?")) return ok("");
        return "HTTP/1.1 307 Go\r\nLocation: " + target.substr(4) +
               "\r\nSet-Cookie: host=1\r\nSet-Cookie: shared=2; Domain=a.test\r\nContent-Length: 0\r\n\r\n";
    }
    /// The heads of the requests that asking for a URL leads to.
    std::vector<Received> asked(const SessionOptions& options, const std::string& url, Make make) {
        std::vector<Received> heads;
        with(options, answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
            const ClientResponse response = co_await make(session, url);
            EXPECT_EQ(response.status(), 200) << url;
            heads = server.received();
        });
        return heads;
    }
    static RequestBuilder plain(ClientSession& session, std::string url) { return session.get(url); }
    /// Everything that is secret, all at once, of the request itself and of its session.
    static RequestBuilder with_fields(ClientSession& session, std::string url) {
        return session.get(url)
            .header("Authorization", "secret one")
            .header("authorization", "secret two")
            .header("Proxy-Authorization", "secret")
            .header("Cookie", "a=secret")
            .cookie("b", "secret");
    }
    static RequestBuilder with_credentials(ClientSession& session, std::string url) {
        return session.get(url).basic_auth("me", "secret").cookie("b", "secret");
    }
    static RequestBuilder with_user(ClientSession& session, std::string url) {
        return session.get(URL(url).with_user("me").with_password("secret")).cookie("b", "secret");
    }
    static SessionOptions with_defaults() {
        return SessionOptions()
            .header("Authorization", "secret")
            .header("Authorization", "secret")
            .header("Cookie", "c=secret")
            .cookie("d", "secret");
    }
    static SessionOptions with_session_credentials() {
        return SessionOptions().basic_auth("me", "secret").cookie("d", "secret");
    }
    struct Way {
        const char* name;
        SessionOptions options;
        Make make;
    };
    static std::vector<Way> ways() {
        return {{"fields", SessionOptions(), &OriginsTest::with_fields},
                {"basic_auth()", SessionOptions(), &OriginsTest::with_credentials},
                {"the URL", SessionOptions(), &OriginsTest::with_user},
                {"the session's fields", with_defaults(), &OriginsTest::plain},
                {"the session's basic_auth()", with_session_credentials(), &OriginsTest::plain}};
    }
    static bool is_secret(const Received& request) {
        // "me:secret" in base64 as well.
        for (const char* const text : {"secret", "bWU6c2VjcmV0"})
            if (request.head.find(text) != std::string::npos) return true;
        return false;
    }
};

TEST_F(OriginsTest, F81_no_other_origin_is_told_what_is_secret) {
    for (const Way& way : ways()) {
        for (const char* const there :
             {"https://b.test/", "https://a.test:8443/", "http://a.test/", "https://sub.a.test/",
              "https://a.test./", "https://test/", "//b.test/x", "https://me:own@b.test/"}) {
            const auto heads = asked(way.options, "https://a.test/to?" + std::string(there), way.make);
            ASSERT_EQ(heads.size(), 2u);
            EXPECT_TRUE(is_secret(heads[0])) << way.name;
            EXPECT_FALSE(is_secret(heads[1])) << way.name << ' ' << there << '\n' << heads[1].head;
            EXPECT_FALSE(heads[1].has("Proxy-Authorization")) << heads[1].head;
        }
        // From a port of one's own to another scheme is another origin, too.
        const auto heads = asked(way.options, "http://a.test:8080/to?https://a.test:8080/", way.make);
        EXPECT_FALSE(is_secret(heads.at(1))) << way.name;
    }
}

TEST_F(OriginsTest, F81_the_way_back_does_not_bring_it_again) {
    for (const Way& way : ways()) {
        const auto heads =
            asked(way.options, "https://a.test/to?https://b.test/to?https://a.test/back", way.make);
        ASSERT_EQ(heads.size(), 3u);
        EXPECT_EQ(heads[2].target(), "/back");
        EXPECT_FALSE(is_secret(heads[2])) << way.name << '\n' << heads[2].head;
    }
}

TEST_F(OriginsTest, F81_the_same_origin_and_the_same_host_by_tls_get_it_again) {
    for (const Way& way : ways()) {
        for (const char* const url : {"https://a.test/to?/there", "https://a.test/to?https://a.test:443/",
                                      "https://a.test/to?//A.TEST/", "http://a.test/to?https://a.test/",
                                      "http://a.test:80/to?https://a.test:443/"}) {
            const auto heads = asked(way.options, url, way.make);
            ASSERT_EQ(heads.size(), 2u);
            EXPECT_TRUE(is_secret(heads[1])) << way.name << ' ' << url << '\n' << heads[1].head;
        }
    }
}

// The last word is the server's: it is for itself that it says them.
TEST_F(OriginsTest, F81_credentials_of_a_location_replace_all_others) {
    for (const Way& way : ways()) {
        for (const char* const there : {"https://own:word@a.test/", "https://own:word@b.test/"}) {
            const auto heads = asked(way.options, "https://a.test/to?" + std::string(there), way.make);
            ASSERT_EQ(heads.size(), 2u);
            EXPECT_EQ(heads[1].field("Authorization"), "Basic b3duOndvcmQ=") << way.name;
            EXPECT_EQ(heads[1].head.find("own:word@"), std::string::npos);
        }
    }
}

TEST_F(OriginsTest, F81_cookies_of_the_jar_follow_their_domains) {
    const std::string to_sub = "http://a.test/to?http://sub.a.test/";
    EXPECT_EQ(asked(SessionOptions(), to_sub, &plain).at(1).field("Cookie"), "shared=2");
    const std::string to_other = "http://a.test/to?http://b.test/to?http://a.test/back";
    const auto heads = asked(SessionOptions(), to_other, &plain);
    EXPECT_FALSE(heads.at(1).has("Cookie"));
    EXPECT_EQ(heads.at(2).field("Cookie"), "host=1; shared=2");
}

// A proxy is told who asks, and servers are not: neither behind it nor without it.
TEST_F(OriginsTest, WhatIsForAProxyIsForNobodyElse) {
    const auto make = [](ClientSession& session, std::string url) {
        return session.get(url)
            .proxy("http://me:secret@proxy.test:3128/")
            .proxy_headers(http::Headers{{"X-Proxy", "secret"}});
    };
    // The connections are in memory, and so none goes through a proxy.
    const auto heads = asked(SessionOptions(), "http://a.test/to?http://b.test/", make);
    for (const Received& request : heads) EXPECT_FALSE(is_secret(request)) << request.head;
}

// --- F82 ------------------------------------------------------------------------------------------

class HostSpellingsTest : public OriginsTest {
protected:
    static Coro<> get(ClientSession& session, std::string url) { co_await session.get(url); }
    static Coro<> get_by(ClientSession& session, std::string proxy) {
        co_await session.get("http://a.test/").proxy(proxy);
    }
    static std::vector<std::string> odd_hosts() {
        return {"2130706433",   "0x7f.1",           "017700000001", "127.1",
                "0x7f000001",   "127.0.0.1.",       "127.0.0.01",   "１２７.0.0.1",
                "127。0。0。1", "%31%32%37.0.0.1",  "a@127.0.0.1.", "1.2.3.4.5",
                "127.0.0.1%00", "127.0.0.1%00.test"};
    }
};

TEST_F(HostSpellingsTest, F82_odd_ones_are_refused_before_anything_is_connected) {
    with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
        for (const std::string& host : odd_hosts()) {
            co_await expect_thrown<http::InvalidURL>(get(session, "http://" + host + "/"));
            co_await expect_thrown<ValueError>(get_by(session, "http://" + host + ":3128/"));
        }
        EXPECT_EQ(server.connections(), 0);
    });
}

TEST_F(HostSpellingsTest, F82_in_a_location_too) {
    for (const std::string& host : odd_hosts()) {
        const auto serve = answering([&host](const Received&) {
            return "HTTP/1.1 302 Go\r\nLocation: http://" + host + "/\r\nContent-Length: 0\r\n\r\n";
        });
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            co_await expect_thrown<http::InvalidUrlRedirectClientError>(get(session, "http://a.test/"));
            EXPECT_EQ(server.received().size(), 1u);
        });
    }
}

TEST_F(HostSpellingsTest, F82_the_host_that_is_connected_to_is_the_one_that_can_be_read) {
    for (const char* const url :
         {"http://a@127.0.0.1/", "http://127.0.0.1@a.test/", "http://[::ffff:127.0.0.1]/",
          "http://a.test#@b.test/", "http://a.test?@b.test/", "http://a.test:80@b.test/", "HTTP://A.TEST/",
          "http://a.test:8080/@b.test"}) {
        with(answering(site), [&](ClientSession& session, RawServer& server) -> Coro<> {
            const ClientResponse response = co_await session.get(url);
            EXPECT_EQ(memory_connector(session)->origins(),
                      std::vector<std::string>{URL(url).origin().str()});
            EXPECT_EQ(response.url().host(), URL(url).host());
            const std::string host = server.last().field("Host");
            EXPECT_EQ(URL("http://" + host + "/").host(), URL(url).host()) << host;
        });
    }
}

}  // namespace
}  // namespace aio::tests
