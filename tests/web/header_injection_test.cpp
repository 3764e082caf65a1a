// SPDX-License-Identifier: MIT
// No text that a program puts into an answer becomes another field, cookie, event or answer.
#include "web/web_test.hpp"

#include <aio/http/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

using Setter = std::pair<const char*, std::function<Response(const std::string&)>>;

/// All that takes a text which goes into the head.
std::vector<Setter> setters() {
    return {
        {"header", [](const std::string& text) { return Response().header("X-A", text); }},
        {"header's name", [](const std::string& text) { return Response().header("X-A" + text, "1"); }},
        {"add_header", [](const std::string& text) { return Response().add_header("X-A", text); }},
        {"headers().set",
         [](const std::string& text) {
             Response response;
             response.headers().set("X-A", text);
             return response;
         }},
        {"headers().setdefault",
         [](const std::string& text) {
             Response response;
             response.headers().setdefault("X-A", text);
             return response;
         }},
        {"reason", [](const std::string& text) { return Response().status(200, "OK" + text); }},
        {"content_type", [](const std::string& text) { return Response().content_type("text/html" + text); }},
        {"charset", [](const std::string& text) { return Response().charset("utf-8" + text); }},
        {"charset in quotes", [](const std::string& text) { return Response().charset("\"" + text); }},
        {"etag", [](const std::string& text) { return Response().etag(http::ETag("a" + text)); }},
        {"payload's type",
         [](const std::string& text) { return Response().body(http::Payload("a", "text/html" + text)); }},
        {"payload's type, later",
         [](const std::string& text) {
             return Response().body(http::Payload("a").content_type("text/html" + text));
         }},
        {"payload's charset",
         [](const std::string& text) { return Response().body(http::Payload::text("a", "utf-8" + text)); }},
        {"set_cookie's name", [](const std::string& text) { return Response().set_cookie("a" + text, "b"); }},
        {"set_cookie", [](const std::string& text) { return Response().set_cookie("a", "b" + text); }},
        {"del_cookie's path", [](const std::string& text) { return Response().del_cookie("a", "/" + text); }},
        {"del_cookie's domain",
         [](const std::string& text) { return Response().del_cookie("a", "/", "b" + text); }},
        {"cookie's path",
         [](const std::string& text) {
             return Response().set_cookie(http::Cookie("a", "b").path("/" + text));
         }},
        {"cookie's domain",
         [](const std::string& text) {
             return Response().set_cookie(http::Cookie("a", "b").domain("c" + text));
         }},
        {"HTTPFound", [](const std::string& text) { return web::HTTPFound("/" + text).response(); }},
        {"HTTPPermanentRedirect",
         [](const std::string& text) { return web::HTTPPermanentRedirect("/" + text).response(); }},
        {"HTTPMethodNotAllowed",
         [](const std::string& text) {
             return web::HTTPMethodNotAllowed("A" + text, {"B" + text}).response();
         }},
        {"HTTPUnavailableForLegalReasons",
         [](const std::string& text) {
             return web::HTTPUnavailableForLegalReasons("http://a/" + text).response();
         }},
        {"exception's header",
         [](const std::string& text) { return web::HTTPNotFound().header("X-A", text).response(); }},
        {"exception's content_type",
         [](const std::string& text) { return web::HTTPNotFound().content_type("a/b" + text).response(); }},
        // Those whose text goes into the body.
        {"text", [](const std::string& text) { return Response().text(text); }},
        {"json", [](const std::string& text) { return web::json_response(text); }},
        {"exception's text",
         [](const std::string& text) { return web::HTTPNotFound().text(text).response(); }},
    };
}

std::string head_of(const std::string& all) { return all.substr(0, all.find("\r\n\r\n")); }

struct HeaderInjectionTest : WebTest {
    std::string sent(const Response& response) {
        return answer([&](Request&) -> Coro<Response> { co_return response; }, kGet);
    }
};

TEST_F(HeaderInjectionTest, NoSetterOfAServerLetsAFieldIn) {
    int refused = 0;
    for (const auto& [name, set] : setters()) {
        for (const std::string bad : {"\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1",
                                      "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "\r\n X-Evil: 1", "\x01", "\x7f"}) {
            std::string head;
            try {
                head = head_of(sent(set(bad)));
            } catch (const ValueError&) {
                ++refused;
                continue;
            } catch (const LookupError&) {  // of a charset
                ++refused;
                continue;
            }
            EXPECT_EQ(head.find("X-Evil"), head.npos) << name << ": " << head;
            EXPECT_EQ(head.find("HTTP/1.1", 1), head.npos) << name << ": " << head;
            EXPECT_EQ(head.find_first_of("\x01\x7f"), head.npos) << name << ": " << head;
        }
    }
    EXPECT_GE(refused, 24 * 7);
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(HeaderInjectionTest, NoAttributeIsPutIntoACookie) {
    const std::string head = head_of(sent(Response().set_cookie("a", "b; Domain=evil; \"x\", c=d")));
    EXPECT_EQ(head.find("; Domain"), head.npos) << head;
    EXPECT_THROW(Response().set_cookie("a; Domain", "b"), ValueError);
    EXPECT_THROW(Response().set_cookie("a=b", "c"), ValueError);
    EXPECT_THROW(Response().set_cookie(http::Cookie("a", "b").path("/; Domain=evil")), ValueError);
    EXPECT_THROW(Response().set_cookie(http::Cookie("a", "b").domain("c; Secure")), ValueError);
}

// What the client has sent comes back in a body at most, as text.
TEST_F(HeaderInjectionTest, WhatAClientSendsIsNotInTheHeadOfItsAnswer) {
    web::Application app(web::AppOptions().middleware(web::normalize_path_middleware()));
    app.add_get("/known/", say_hello);
    const auto get = [&](const std::string& target) {
        return answer([app](Request& request) { return app.handle(request); },
                      "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
    };
    EXPECT_EQ(get("//known%0d%0aX-Evil:%201/").find("\r\nX-Evil"), std::string::npos);
    EXPECT_EQ(
        head_of(get("/known?%0d%0aX-Evil:%201")),
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: /known/?%0d%0aX-Evil:%201\r\nContent-Type: text/plain; "
        "charset=utf-8\r\nContent-Length: 23");
    const std::string refused =
        answer(say_hello, "GET /<script> HTTP/3.0\r\nHost: a\r\nAccept: text/html\r\n\r\n");
    EXPECT_NE(refused.find("Content-Type: text/plain"), refused.npos) << refused;
}

/// How a body is framed is said once, and truly, whatever the program has said.
TEST_F(HeaderInjectionTest, FramingIsTheServersToSay) {
    const std::string type = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n";
    EXPECT_EQ(sent(Response().text("hello").header("Content-Length", "3")),
              type + "Content-Length: 5\r\n\r\nhello");
    EXPECT_EQ(
        sent(Response().text("hello").add_header("content-length", "3").add_header("Content-Length", "7")),
        type + "Content-Length: 5\r\n\r\nhello");
    EXPECT_EQ(sent(Response().text("hello").header("Transfer-Encoding", "chunked")),
              type + "Content-Length: 5\r\n\r\nhello");
    EXPECT_EQ(sent(Response().text("hello").header("Connection", "Close")),
              type + "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
    EXPECT_EQ(sent(Response().text("hello").header("Content-Length", "5 5")).substr(0, 12), "HTTP/1.1 500");
    EXPECT_EQ(reports().size(), 1U);
}

TEST_F(HeaderInjectionTest, ALengthAmongTheFieldsIsThatOfAStream) {
    const auto streams = [](Request& request) -> Coro<Response> {
        web::StreamResponse response;
        response.content_type("text/plain")
            .header("Content-Length", "5")
            .header("Transfer-Encoding", "chunked");
        co_await response.prepare(request);
        co_await response.write("hello");
        co_return response;
    };
    EXPECT_EQ(answer(streams, kGet),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    // What GET would be answered.
    const auto tells = [](Request&) -> Coro<Response> { co_return Response().header("Content-Length", "5"); };
    EXPECT_EQ(answer(tells, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + kGet),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(HeaderInjectionTest, DateAndServerAreSaidOnce) {
    const auto handler = [](Request& request) -> Coro<Response> {
        Response response;
        if (request.raw_path() != "/server") response.header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        if (request.raw_path() != "/date") response.header("Server", "other");
        co_return response;
    };
    run([&]() -> Coro<> {
        const web::Server server{web::Handler(handler)};
        const RawClient client(server);
        client.send("GET /date HTTP/1.1\r\nHost: a\r\n\r\nGET /server HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
        std::string head = co_await client.head();
        EXPECT_EQ(head,
                  "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\nServer: "
                  "aio\r\n\r\n");
        head = co_await client.head();
        EXPECT_EQ(head.substr(0, 57), "HTTP/1.1 200 OK\r\nServer: other\r\nContent-Length: 0\r\nDate: ");
        EXPECT_EQ(head.find("Server: aio"), head.npos);
        head = co_await client.head();
        EXPECT_EQ(head,
                  "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: other\r\n"
                  "Content-Length: 0\r\n\r\n");
    });
}

}  // namespace
}  // namespace aio::tests
