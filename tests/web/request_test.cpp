// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <functional>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct RequestTest : WebTest {
    /// What `look` says about a request.
    std::string seen(const std::function<std::string(Request&)>& look, const std::string& text) {
        const std::string all = answer(
            [&](Request& request) -> Coro<Response> {
                std::string said = look(request);
                co_return Response().text(std::move(said));
            },
            text);
        return all.substr(all.find("\r\n\r\n") + 4);
    }
    static std::string get(const std::string& target, const std::string& fields = "") {
        return "GET " + target + " HTTP/1.1\r\nHost: example.org:81\r\n" + fields + "\r\n";
    }
};

TEST_F(RequestTest, Target) {
    const auto look = [](Request& request) {
        return std::string(request.method()) + " " + std::string(request.raw_path()) + " " + request.path() +
               " " + std::string(request.path_qs()) + " " + request.query_string() + " " +
               std::string(request.query().get("x", "-")) + " " + request.url().str() + " " +
               std::string(request.target_path());
    };
    EXPECT_EQ(seen(look, get("/a%20b?x=1%2B1&x=2")),
              "GET /a%20b?x=1%2B1&x=2 /a b /a%20b?x=1%2B1&x=2 x=1%2B1&x=2 1+1 "
              "http://example.org:81/a%20b?x=1%2B1&x=2 /a%20b");
    EXPECT_EQ(seen(look, "GET http://b:82/c?x=3 HTTP/1.1\r\nHost: b:82\r\n\r\n"),
              "GET http://b:82/c?x=3 /c /c?x=3 x=3 3 http://b:82/c?x=3 /c");
}

TEST_F(RequestTest, Fields) {
    const auto look = [](Request& request) {
        return std::string(request.header("x-a").value_or("-")) + " " +
               std::string(request.headers().get("X-A", "-")) + " " +
               std::to_string(request.headers().getall("X-A").size()) + " " + request.content_type() + " " +
               request.charset().value_or("-") + " " + std::to_string(request.raw_headers().size());
    };
    EXPECT_EQ(seen(look, get("/", "X-A: 1\r\nx-a: 2\r\nContent-Type: Text/HTML; charset=UTF-8\r\n")),
              "1 1 2 text/html utf-8 4");
    EXPECT_EQ(seen(look, get("/")), "- - 0 application/octet-stream - 1");
}

TEST_F(RequestTest, Cookies) {
    const auto look = [](Request& request) {
        return std::string(request.cookie("a").value_or("-")) + " " +
               std::string(request.cookie("c").value_or("-")) + " " +
               std::to_string(request.cookies().size());
    };
    EXPECT_EQ(seen(look, get("/", "Cookie: a=1; b=2\r\n")), "1 - 2");
}

TEST_F(RequestTest, Conditions) {
    const auto look = [](Request& request) {
        return std::to_string(request.if_modified_since().has_value()) +
               std::to_string(request.if_unmodified_since().has_value()) +
               std::to_string(request.if_range().has_value()) + " " +
               std::to_string(request.if_match().size()) + std::to_string(request.if_none_match().size()) +
               " " + (request.http_range() ? std::to_string(request.http_range()->size()) : "-");
    };
    EXPECT_EQ(seen(look, get("/")), "000 00 -");
    EXPECT_EQ(seen(look, get("/",
                             "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Unmodified-Since: no\r\n"
                             "If-Match: \"a\", \"b\"\r\nIf-None-Match: W/\"c\"\r\nRange: bytes=0-1,3-4\r\n")),
              "100 21 2");
}

TEST_F(RequestTest, Connection) {
    const auto look = [](Request& request) {
        return std::string(request.scheme()) + " " + std::to_string(request.secure()) + " " + request.host() +
               " " + std::to_string(request.keep_alive()) + " " + std::to_string(request.version().minor) +
               " " + request.repr();
    };
    EXPECT_EQ(seen(look, get("/x")), "http 0 example.org:81 1 1 <Request GET /x>");
}

TEST_F(RequestTest, Forwarded) {
    const auto look = [](Request& request) {
        std::string all;
        for (const http::Parameters& one : request.forwarded())
            all += std::string(one.get("for").value_or("-")) + ";";
        return all;
    };
    EXPECT_EQ(seen(look, get("/", "Forwarded: for=1.2.3.4, for=\"[::1]\"\r\nForwarded: for=x\r\n")),
              "1.2.3.4;[::1];x;");
}

TEST_F(RequestTest, F80WithoutHostNoNameIsLookedUp) {
    const auto look = [](Request& request) { return request.host() + " " + request.url().str(); };
    const std::string all = answer(
        [&](Request& request) -> Coro<Response> {
            std::string said = look(request);
            co_return Response().text(said);
        },
        "GET /a HTTP/1.0\r\n\r\n");
    EXPECT_NE(all.find("200 OK"), std::string::npos) << all;
}

TEST_F(RequestTest, Body) {
    const auto reads = [](Request& request) -> Coro<Response> {
        std::string said = std::to_string(request.body_exists()) + std::to_string(request.can_read_body());
        std::string body = co_await request.read();
        std::string again = co_await request.text();
        said +=
            std::to_string(request.body_exists()) + std::to_string(request.can_read_body()) + body + again;
        co_return Response().text(said);
    };
    const auto body_of = [](const std::string& all) { return all.substr(all.find("\r\n\r\n") + 4); };
    EXPECT_EQ(body_of(answer(reads, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")),
              "1110abab");
    EXPECT_EQ(body_of(answer(reads, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")), "0000");
}

TEST_F(RequestTest, BodiesThatAreTooLarge) {
    const auto reads = [](Request& request) -> Coro<Response> {
        std::string body = co_await request.read();
        co_return Response().text(body);
    };
    const web::ServerOptions options = web::ServerOptions().client_max_size(4);
    const auto status = [&](const std::string& text) { return answer(reads, text, options).substr(9, 3); };
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd"), "200");
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde"), "413");
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              "413");
}

TEST_F(RequestTest, ALargerBodyWhereTheHandlerSaysSo) {
    const auto reads = [](Request& request) -> Coro<Response> {
        request.client_max_size(5);
        std::string body = co_await request.read();
        co_return Response().text(body);
    };
    const std::string text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde";
    EXPECT_EQ(answer(reads, text, web::ServerOptions().client_max_size(4)).substr(9, 3), "200");
}

TEST_F(RequestTest, CompressedBodies) {
    std::string coded;
    http::Compressor compressor(http::ContentCoding::gzip);
    compressor.compress(std::string(100'000, 'x'), coded);
    compressor.finish(coded);
    const auto reads = [](Request& request) -> Coro<Response> {
        std::string body = co_await request.read();
        co_return Response().text(std::to_string(body.size()));
    };
    const std::string text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: " +
                             std::to_string(coded.size()) + "\r\n\r\n" + coded;
    const auto last = [](const std::string& all) { return all.substr(all.find("\r\n\r\n") + 4); };
    EXPECT_EQ(last(answer(reads, text)), "100000");
    EXPECT_EQ(last(answer(reads, text, web::ServerOptions().auto_decompress(false))),
              std::to_string(coded.size()));
    // The limit counts what comes out.
    EXPECT_EQ(answer(reads, text, web::ServerOptions().client_max_size(50'000)).substr(9, 3), "413");
}

TEST_F(RequestTest, StreamsABody) {
    const auto streams = [](Request& request) -> Coro<Response> {
        std::string said;
        while (auto line = co_await request.content().next_line()) said += "[" + *line + "]";
        co_return Response().text(said);
    };
    const std::string all =
        answer(streams, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\na\nbc\nde");
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "[a\n][bc\n][de]");
}

TEST_F(RequestTest, Storage) {
    struct User {
        std::string name;
    };
    const auto look = [](Request& request) {
        std::string said;
        EXPECT_EQ(request.find<User>(), nullptr);
        try {
            request.get<User>();
        } catch (const LookupError& e) {
            said = e.what();
        }
        request.set(User{"Ada"});
        return said + ", " + request.get<User>().name;
    };
    EXPECT_NE(seen(look, get("/") + get("/")).find("User, Ada"), std::string::npos);
}

TEST_F(RequestTest, AppIsForApplications) {
    EXPECT_EQ(seen(
                  [](Request& request) -> std::string {
                      try {
                          request.app();
                      } catch (const RuntimeError&) {
                          return "none";
                      }
                      return "app";
                  },
                  get("/")),
              "none");
}

/// What a handler takes for the path is what the router took for it.
struct RequestTargetTest : WebTest {
    std::string seen(const std::string& target) {
        web::Application app;
        app.add_route("*", "/{rest:.*}", [](Request& request) -> Coro<Response> {
            co_return Response().text(request.path() + " " + request.rel_url().str() + " " +
                                      request.match_info("rest") + " " + request.query_string() + " " +
                                      request.url().str());
        });
        const std::string all = answer([app](Request& request) { return app.handle(request); },
                                       "GET " + target + " HTTP/1.1\r\nHost: good.test\r\n\r\n");
        return all.substr(all.find("\r\n\r\n") + 4);
    }
};

// As text the relative URL begins with "/." (RFC 3986, 4.2), so that nobody takes the path for a host later.
// Otherwise a middleware that guards "/admin" sees "/" where the router sees another path.
TEST_F(RequestTargetTest, TwoSlashesBeginNoHost) {
    EXPECT_EQ(seen("//admin"), "//admin /.//admin /admin  http://good.test//admin");
    EXPECT_EQ(seen("//evil.test/admin?q=1"),
              "//evil.test/admin /.//evil.test/admin?q=1 /evil.test/admin q=1 "
              "http://good.test//evil.test/admin?q=1");
    EXPECT_EQ(seen("//a:b/x"), "//a:b/x /.//a:b/x /a:b/x  http://good.test//a:b/x");
    EXPECT_EQ(seen("//user@h:99999/x"),
              "//user@h:99999/x /.//user@h:99999/x /user@h:99999/x  http://good.test//user@h:99999/x");
    EXPECT_EQ(seen("///x"), "///x /.///x //x  http://good.test///x");
    EXPECT_EQ(seen("/a//b"), "/a//b /a//b a//b  http://good.test/a//b");
}

TEST_F(RequestTargetTest, OfAWholeUrlItIsThePath) {
    EXPECT_EQ(seen("http://good.test//admin?x"), "//admin /.//admin?x /admin x http://good.test//admin?x");
}

}  // namespace
}  // namespace aio::tests
