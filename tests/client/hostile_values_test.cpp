// SPDX-License-Identifier: MIT
// F83: whatever text a program passes on, and wherever, it ends no line, begins no field, part or request.
#include <client/raw_server.hpp>
#include <support/temporary_folder.hpp>

#include <aio/client/auth/digest_auth_middleware.hpp>
#include <aio/client/cookies/cookie_jar.hpp>
#include <aio/http/forms/form_data.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientRequest;
using http::ClientResponse;
using http::ClientSession;
using http::FieldOptions;
using http::FormData;
using http::Headers;
using http::MultiDict;
using http::Payload;
using http::RequestBuilder;
using http::SessionOptions;
using http::URL;
using namespace std::string_literals;

/// Controls, a whole request, and signs of which only a part is looked at when they are cut to bytes: a lone
/// surrogate, U+010A, U+010D U+010A, U+560A U+560D, and what is no UTF-8 at all.
const std::vector<std::string> kHostile{"a\r\nX: y"s,
                                        "a\nX: y"s,
                                        "a\rX: y"s,
                                        "a\0b"s,
                                        "a\x7f"s,
                                        "\x01"s,
                                        "a\r\n\r\nGET /forged HTTP/1.1\r\nHost: x\r\n\r\n"s,
                                        "a HTTP/1.1\r\nX: y\r\nZ: "s,
                                        "\xed\xa0\x80"s,
                                        "\xc4\x8a"s,
                                        "\xc4\x8d\xc4\x8aX: y"s,
                                        "\xe5\x98\x8d\xe5\x98\x8aX: y"s,
                                        "\x8d\x8a"s,
                                        "\xff\xfe"s,
                                        "a b"s,
                                        "a\"; name=\"b"s,
                                        "a;b=c"s};

/// A request line and fields that clients send, and nothing else.
void expect_clean(const Received& request, const std::string& what) {
    static const std::set<std::string> known{
        "Host",         "Accept", "Accept-Encoding", "User-Agent", "Content-Length",
        "Content-Type", "Cookie", "Authorization",   "X-A",        "Transfer-Encoding",
        "Connection"};
    const std::string line = request.line();
    EXPECT_EQ(std::count(line.begin(), line.end(), ' '), 2) << what << '\n' << request.head;
    EXPECT_TRUE(line.ends_with(" HTTP/1.1")) << what << '\n' << request.head;
    std::string_view rest = std::string_view(request.head).substr(line.size() + 2);
    while (rest != "\r\n") {
        const std::string_view field = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(field.size() + 2);
        EXPECT_TRUE(known.contains(std::string(field.substr(0, field.find(':'))))) << what << '\n' << field;
        const auto is_bad = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
        EXPECT_TRUE(std::none_of(field.begin(), field.end(), is_bad)) << what << '\n' << field;
    }
}

class HostileValuesTest : public ClientTest {
protected:
    HostileValuesTest() { in_memory(); }

    /// What is done with a text.
    struct Setter {
        const char* name;
        std::function<RequestBuilder(ClientSession&, const std::string& text)> make;
    };
    static Coro<> send(ClientSession& session, const Setter& setter, const std::string& text) {
        ClientResponse response = co_await setter.make(session, text);
        co_await response.read();
    }
    /// Each text by each setter is an error before anything is sent, or one request with nothing else in it.
    Coro<> try_all(ClientSession& session, RawServer& server, const std::vector<Setter>& setters) {
        for (const Setter& setter : setters) {
            for (const std::string& text : kHostile) {
                const std::size_t before = server.received().size();
                bool refused = false;
                try {
                    co_await send(session, setter, text);
                } catch (const http::ClientConnectionError& error) {
                    ADD_FAILURE() << setter.name << ' ' << text << '\n' << error.what();
                } catch (const std::exception&) {
                    refused = true;
                }
                EXPECT_EQ(server.received().size(), before + (refused ? 0 : 1)) << setter.name << ' ' << text;
                if (!refused) expect_clean(server.last(), setter.name);
            }
        }
    }
    void with_setters(const std::vector<Setter>& setters) {
        with(answering([](const Received&) { return ok(""); }),
             [&](ClientSession& session, RawServer& server) { return try_all(session, server, setters); });
    }
    static constexpr const char* kUrl = "http://a.test/";
};

TEST_F(HostileValuesTest, F83_in_heads) {
    with_setters({
        {"header()", [](auto& s, auto& t) { return s.get(kUrl).header("X-A", t); }},
        {"header() in a name", [](auto& s, auto& t) { return s.get(kUrl).header(t, "x"); }},
        {"headers()", [](auto& s, auto& t) { return s.get(kUrl).headers(Headers{{"X-A", t}}); }},
        {"header(Host)", [](auto& s, auto& t) { return s.get(kUrl).header("Host", t); }},
        {"header(Authorization)", [](auto& s, auto& t) { return s.get(kUrl).header("Authorization", t); }},
        {"header(Content-Length)", [](auto& s, auto& t) { return s.post(kUrl).header("Content-Length", t); }},
        {"cookie()", [](auto& s, auto& t) { return s.get(kUrl).cookie("c", t); }},
        {"cookie() in a name", [](auto& s, auto& t) { return s.get(kUrl).cookie(t, "c"); }},
        {"skip_auto_header()", [](auto& s, auto& t) { return s.get(kUrl).skip_auto_header(t); }},
        {"basic_auth()", [](auto& s, auto& t) { return s.get(kUrl).basic_auth(t, t); }},
        {"proxy_headers()", [](auto& s, auto& t) { return s.get(kUrl).proxy_headers(Headers{{"X-A", t}}); }},
        {"proxy()", [](auto& s, auto& t) { return s.get(kUrl).proxy("http://" + t + ":x@p.test/"); }},
        {"server_hostname()", [](auto& s, auto& t) { return s.get(kUrl).server_hostname(t); }},
        {"the method", [](auto& s, auto& t) { return s.request(t, kUrl); }},
    });
}

TEST_F(HostileValuesTest, F83_in_urls) {
    with_setters({
        {"a path", [](auto& s, auto& t) { return s.get(kUrl + t); }},
        {"a whole URL", [](auto& s, auto& t) { return s.get(t); }},
        {"a query", [](auto& s, auto& t) { return s.get(kUrl + ("?" + t)); }},
        {"a fragment", [](auto& s, auto& t) { return s.get(kUrl + ("#" + t)); }},
        {"a host", [](auto& s, auto& t) { return s.get("http://" + t + "/"); }},
        {"a port", [](auto& s, auto& t) { return s.get("http://a.test:" + t + "/"); }},
        {"a user", [](auto& s, auto& t) { return s.get("http://" + t + "@a.test/"); }},
        {"with_user()", [](auto& s, auto& t) { return s.get(URL(kUrl).with_user(t).with_password(t)); }},
        {"with_path()", [](auto& s, auto& t) { return s.get(URL(kUrl).with_path("/" + t)); }},
        {"with_host()", [](auto& s, auto& t) { return s.get(URL(kUrl).with_host(t)); }},
        {"encoded", [](auto& s, auto& t) { return s.get(URL(kUrl + t, http::encoded)); }},
        {"param()", [](auto& s, auto& t) { return s.get(kUrl).param(t, t); }},
        {"params()", [](auto& s, auto& t) { return s.get(kUrl).params(t); }},
        {"params() of a mapping", [](auto& s, auto& t) { return s.get(kUrl).params(MultiDict{{t, t}}); }},
    });
}

TEST_F(HostileValuesTest, F83_in_what_speaks_of_bodies) {
    const TemporaryFolder folder;
    const auto file_named = [&folder](const std::string& name) {
        std::string path = folder.file(name.substr(0, name.find('\0')));
        std::ofstream{path} << "content";
        return path;
    };
    with_setters({
        {"data()", [](auto& s, auto& t) { return s.post(kUrl).data(t); }},
        {"json_text()", [](auto& s, auto& t) { return s.post(kUrl).json_text(t); }},
        {"form()", [](auto& s, auto& t) { return s.post(kUrl).form(MultiDict{{t, t}}); }},
        {"a content type", [](auto& s, auto& t) { return s.post(kUrl).data(Payload("x", t)); }},
        {"content_type()", [](auto& s, auto& t) { return s.post(kUrl).data(Payload("x").content_type(t)); }},
        {"a character set", [](auto& s, auto& t) { return s.post(kUrl).data(Payload::text("x", t)); }},
        {"the charset of a form",
         [](auto& s, auto& t) {
             FormData form{http::FormOptions().charset(t)};
             form.add_field("a", "b");
             return s.post(kUrl).data(Payload(std::move(form)));
         }},
        {"a file",
         [&](auto& s, auto& t) { return s.post(kUrl).data(Payload::file(file_named(t + ".png"))); }},
        {"a subtype", [](auto& s, auto& t) { return s.post(kUrl).data(Payload(http::MultipartWriter(t))); }},
        {"a boundary",
         [](auto& s, auto& t) { return s.post(kUrl).data(Payload(http::MultipartWriter("mixed", t))); }},
    });
}

// One part, whose head has the fields that it should have.
TEST_F(HostileValuesTest, F83_in_multipart_names) {
    using Add = std::function<void(FormData&, const std::string&)>;
    const std::vector<Add> adds{
        [](FormData& form, const std::string& t) { form.add_field(t, "v", FieldOptions().filename("f")); },
        [](FormData& form, const std::string& t) { form.add_field("n", "v", FieldOptions().filename(t)); },
        [](FormData& form, const std::string& t) {
            form.add_field("n", "v", FieldOptions().content_type(t));
        }};
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             for (const Add& add : adds) {
                 for (const std::string& text : kHostile) {
                     const std::size_t before = server.received().size();
                     const Setter form{"FormData", [&add](ClientSession& from, const std::string& t) {
                                           FormData made;
                                           add(made, t);
                                           return from.post(kUrl).data(Payload(std::move(made)));
                                       }};
                     try {
                         co_await send(session, form, text);
                     } catch (const ValueError&) {
                         EXPECT_EQ(server.received().size(), before) << text;
                         continue;
                     }
                     expect_clean(server.last(), "a form with " + text);
                     const std::string& body = server.last().body;
                     EXPECT_EQ(body.find("\nX: y"), std::string::npos) << body;
                     EXPECT_EQ(body.find("\rX: y"), std::string::npos) << body;
                     const std::string head = body.substr(0, body.find("\r\n\r\n"));
                     EXPECT_LE(std::count(head.begin(), head.end(), '\n'), 2) << body;
                     EXPECT_EQ(body.find("\r\n\r\nv\r\n--"), head.size()) << body;
                 }
             }
         });
}

TEST_F(HostileValuesTest, F83_in_sessions) {
    using Set = std::function<void(SessionOptions&, const std::string&)>;
    const std::vector<Set> sets{
        [](SessionOptions& o, const std::string& t) { o.header("X-A", t); },
        [](SessionOptions& o, const std::string& t) { o.header(t, "x"); },
        [](SessionOptions& o, const std::string& t) { o.headers(Headers{{"X-A", t}}); },
        [](SessionOptions& o, const std::string& t) { o.cookie("c", t); },
        [](SessionOptions& o, const std::string& t) { o.cookie(t, "c"); },
        [](SessionOptions& o, const std::string& t) { o.basic_auth(t, t); },
        [](SessionOptions& o, const std::string& t) { o.base_url("http://a.test/" + t + "/"); },
        [](SessionOptions& o, const std::string& t) { o.skip_auto_header(t); },
        [](SessionOptions& o, const std::string& t) { o.proxy("http://" + t + "@p.test/"); },
        [](SessionOptions& o, const std::string& t) { o.proxy_headers(Headers{{"X-A", t}}); },
        [](SessionOptions& o, const std::string& t) {
            o.middleware([t](ClientRequest& request, http::ClientHandler next) {
                request.headers().set("X-A", t);
                return next(request);
            });
        },
        [](SessionOptions& o, const std::string& t) {
            o.middleware([t](ClientRequest& request, http::ClientHandler next) {
                request.update_body(Payload(t, t));
                request.method("POST");
                return next(request);
            });
        },
        [](SessionOptions& o, const std::string& t) { o.middleware(http::DigestAuthMiddleware(t, t)); }};
    for (const Set& set : sets) {
        for (const std::string& text : kHostile) {
            SessionOptions options;
            try {
                set(options, text);
            } catch (const ValueError&) {
                continue;
            }
            with(options, answering([](const Received&) { return ok(""); }),
                 [&](ClientSession& session, RawServer& server) -> Coro<> {
                     const Setter nothing{"a session", [](ClientSession& from, const std::string&) {
                                              const bool base = from.settings().base_url().has_value();
                                              return from.get(base ? "x" : "http://a.test/x");
                                          }};
                     try {
                         co_await send(session, nothing, text);
                         EXPECT_EQ(server.received().size(), 1u);
                         expect_clean(server.last(), "a session with " + text);
                     } catch (const ValueError&) {
                         EXPECT_TRUE(server.received().empty());
                     }
                 });
        }
    }
}

// --- texts of servers, which come back to them ----------------------------------------------------

TEST_F(HostileValuesTest, F83_in_a_location) {
    for (const bool requote : {true, false}) {
        for (const std::string& text :
             {"/a\tb"s, "/\xc4\x8a"s, "/\xc4\x8d\xc4\x8aX: y"s, "/\xff\xfe"s, "/a b"s, "/%0d%0aX: y"s,
              "/?a=%0aX"s, "/#%0d%0a"s, "http://a.test/\x8d\x8a"s, "http://u%0d%0aX: y@a.test/"s,
              "http://u%3Av:w@a.test/"s, "http://a.test HTTP/1.1/"s}) {
            const auto serve = answering([&text](const Received& request) {
                if (request.target() != "/begin") return ok("");
                return "HTTP/1.1 302 Go\r\nLocation: " + text + "\r\nContent-Length: 0\r\n\r\n";
            });
            with(SessionOptions().requote_redirect_url(requote), serve,
                 [&](ClientSession& session, RawServer& server) -> Coro<> {
                     const Setter begin{"a Location", [](ClientSession& from, const std::string&) {
                                            return from.get("http://a.test/begin");
                                        }};
                     try {
                         co_await send(session, begin, text);
                         EXPECT_EQ(server.received().size(), 2u);
                         expect_clean(server.last(), "a Location of " + text);
                     } catch (const http::RedirectClientError&) {
                         EXPECT_EQ(server.received().size(), 1u);
                     }
                 });
        }
    }
}

// What a server has set must not make later requests fail either.
TEST_F(HostileValuesTest, F83_in_cookies_of_a_server) {
    for (const std::string& text : {"a=b\tc"s, "a=\"x\\\"y\""s, "a=\"\\015\\012X: y\""s, "a=\xff\xc4\x8a"s,
                                    "a=b; Path=/\t"s, "a=\"b\\000\"; Path=/"s, "a=b c=d"s, "a\t=b"s}) {
        for (const bool quote : {true, false}) {
            const auto jar = std::make_shared<http::CookieJar>(http::CookieJarOptions().quote_cookie(quote));
            with(SessionOptions().cookie_jar(jar),
                 answering([&text](const Received&) { return ok("", "Set-Cookie: " + text + "\r\n"); }),
                 [&](ClientSession& session, RawServer& server) -> Coro<> {
                     for (int i = 0; i < 2; ++i) {
                         const ClientResponse response = co_await session.get(kUrl);
                         EXPECT_EQ(response.status(), 200);
                         expect_clean(server.last(), "a cookie of " + text);
                     }
                     EXPECT_EQ(server.received().size(), 2u);
                 });
        }
    }
}

TEST_F(HostileValuesTest, F83_in_a_challenge) {
    for (const std::string& text : {"a\tb"s, "a\\\"b"s, "\xc4\x8a"s, "\xff"s, "a, b=c"s}) {
        const auto serve = answering([&text](const Received& request) {
            if (request.has("Authorization")) return ok("");
            return "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"" + text + "\", nonce=\"" + text +
                   "\", opaque=\"" + text + "\", qop=auth\r\nContent-Length: 0\r\n\r\n";
        });
        with(SessionOptions().middleware(http::DigestAuthMiddleware("me", "secret")), serve,
             [&](ClientSession& session, RawServer& server) -> Coro<> {
                 const ClientResponse response = co_await session.get(kUrl);
                 EXPECT_EQ(response.status(), 200);
                 expect_clean(server.last(), "a challenge with " + text);
             });
    }
}

TEST_F(HostileValuesTest, FieldsThatFrameABodyAreRefused) {
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const auto get = [](RequestBuilder request) -> Coro<> { co_await std::move(request); };
             co_await expect_thrown<ValueError>(
                 get(session.get(kUrl).header("Host", "a").header("Host", "b")));
             co_await expect_thrown<ValueError>(get(
                 session.post(kUrl).data("x").header("Content-Length", "1").header("Content-Length", "1")));
             co_await expect_thrown<ValueError>(
                 get(session.post(kUrl).data("x").header("Content-Length", "+1")));
             co_await expect_thrown<ValueError>(
                 get(session.post(kUrl).data("x").header("Transfer-Encoding", "chunked, identity")));
             co_await expect_thrown<ValueError>(get(session.post(kUrl)
                                                        .data("x")
                                                        .header("Transfer-Encoding", "chunked")
                                                        .header("Content-Length", "1")));
             EXPECT_TRUE(server.received().empty());
         });
    over_sockets();
    with(answering([](const Received&) { return ok(""); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const auto get = [&](http::HeaderName name, const char* value) -> Coro<> {
                 Headers fields{{name, value}};
                 co_await session.get(kUrl).proxy(server.url()).proxy_headers(std::move(fields));
             };
             co_await expect_thrown<ValueError>(get("Content-Length", "5"));
             co_await expect_thrown<ValueError>(get("Transfer-Encoding", "chunked"));
             EXPECT_EQ(lent(session) + idle(session), 0u);
             co_await get("Host", "other.test");
             EXPECT_EQ(server.last().head.find("Host: a.test"), std::string::npos);
             EXPECT_EQ(server.received().size(), 1u);
         });
}

}  // namespace
}  // namespace aio::tests
