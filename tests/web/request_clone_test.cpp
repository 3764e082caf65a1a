// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::CloneOptions;
using web::Handler;
using web::Request;
using web::Response;

const std::string kPost =
    "POST /a%20b?x=1 HTTP/1.1\r\nHost: example.org:81\r\nX-A: 1\r\nCookie: c=d\r\nContent-Length: "
    "4\r\n\r\nbody";

/// What a request says of itself.
std::string told(const Request& request) {
    std::string text = std::string(request.method()) + " " + request.url().str() + " " + request.remote() +
                       " " + std::string(request.secure() ? "secure" : "open");
    for (const http::Field& field : request.raw_headers()) {
        text += " " + std::string(field.name) + "=" + std::string(field.value);
    }
    return text;
}

struct RequestCloneTest : WebTest {
    /// What `look` says about a request, and the body as its clone reads it.
    std::string seen(const std::function<std::unique_ptr<Request>(Request&)>& clone,
                     const std::function<std::string(Request&)>& look) {
        const std::string all = answer(
            [&](Request& request) -> Coro<Response> {
                const std::unique_ptr<Request> other = clone(request);
                std::string said = look(*other);
                std::string body = co_await other->read();
                co_return Response().text(said + " " + body);
            },
            kPost);
        return all.substr(all.find("\r\n\r\n") + 4);
    }
    std::string seen(const CloneOptions& options) {
        return seen([&](Request& request) { return request.clone(options); }, told);
    }
};

TEST_F(RequestCloneTest, WithoutOptionsIsTheSame) {
    EXPECT_EQ(
        seen(CloneOptions()),
        "POST http://example.org:81/a%20b?x=1  open Host=example.org:81 X-A=1 Cookie=c=d Content-Length=4 "
        "body");
}

TEST_F(RequestCloneTest, HasWhatIsReplaced) {
    EXPECT_EQ(
        seen(CloneOptions().method("PUT").rel_url("/c?y=2").scheme("https").host("b").remote("1.2.3.4")),
        "PUT https://b/c?y=2 1.2.3.4 secure Host=example.org:81 X-A=1 Cookie=c=d Content-Length=4 body");
    EXPECT_EQ(seen(CloneOptions().headers(http::Headers{{"X-B", "2"}, {"Host", "other"}})),
              "POST http://other/a%20b?x=1  open X-B=2 Host=other body");
    EXPECT_THROW(CloneOptions().method("A B"), ValueError);
    EXPECT_THROW(CloneOptions().method(""), ValueError);
}

TEST_F(RequestCloneTest, ParsesWhatItHas) {
    const auto look = [](Request& request) {
        return request.path() + " " + std::string(request.query().get("y", "-")) + " " +
               std::string(request.header("x-b").value_or("-")) + " " +
               std::string(request.header("x-a").value_or("-")) + " " +
               std::string(request.cookie("e").value_or("-")) + " " +
               std::string(request.cookie("c").value_or("-"));
    };
    EXPECT_EQ(seen(
                  [&](Request& request) {
                      look(request);  // what the request has parsed is its own
                      http::Headers headers{{"X-B", "2"}, {"Cookie", "e=f"}};
                      return request.clone(CloneOptions().rel_url("/c%20?y=2").headers(std::move(headers)));
                  },
                  look),
              "/c  2 2 - f - body");
}

TEST_F(RequestCloneTest, OfACloneOutlivesIt) {
    EXPECT_EQ(seen(
                  [](Request& request) {
                      const auto first =
                          request.clone(CloneOptions()
                                            .method("PUT")
                                            .rel_url("/long/enough/to/be/somewhere/else")
                                            .headers(http::Headers{{"X-B", std::string(50, 'b')}})
                                            .host("some.host.with.a.long.name")
                                            .scheme("https")
                                            .remote("::1"));
                      return first->clone();
                  },
                  told),
              "PUT https://some.host.with.a.long.name/long/enough/to/be/somewhere/else ::1 secure X-B=" +
                  std::string(50, 'b') + " body");
}

TEST_F(RequestCloneTest, HasACopyOfWhatWasSet) {
    struct User {
        std::string name;
    };
    std::string said;
    const auto handler = [&](Request& request) -> Coro<Response> {
        request.set(User{"Ada"});
        request.client_max_size(3);
        const auto clone = request.clone();
        const auto roomy = request.clone(CloneOptions().client_max_size(10));
        said = clone->get<User>().name + " " + std::to_string(clone->client_max_size()) + " " +
               std::to_string(roomy->client_max_size());
        clone->set(5);
        said += request.find<int>() ? " shared" : " its own";
        co_return Response();
    };
    answer(handler, kPost);
    EXPECT_EQ(said, "Ada 3 10 its own");
}

TEST_F(RequestCloneTest, IsRefusedOnceTheBodyWasRead) {
    std::string said;
    const auto handler = [&](Request& request) -> Coro<Response> {
        std::string piece = co_await request.content().read(2);
        try {
            static_cast<void>(request.clone());
        } catch (const RuntimeError& e) {
            said = piece + ": " + e.what();
        }
        co_return Response();
    };
    answer(handler, kPost);
    EXPECT_EQ(said, "bo: Cannot clone request after reading its content");
}

Coro<Response> stream_it(Request& request) {
    web::StreamResponse response;
    response.content_type("text/plain");
    co_await response.prepare(request);
    std::string body = co_await request.read();
    co_await response.write(std::string(request.method()) + " " + request.match_info("name") + " " + body);
    co_return response;
}

/// Answers a request for another method and path in the place of the one that came.
Coro<Response> override_method(Request& request, Handler next) {
    const auto method = request.header("X-HTTP-Method-Override");
    if (!method || request.method() == *method) co_return co_await next(request);
    const auto changed = request.clone(CloneOptions().method(*method).rel_url("/items/tea"));
    co_return co_await request.app().handle(*changed);
}

TEST_F(RequestCloneTest, GoesOnToAnotherRoute) {
    web::Application app(web::AppOptions().middleware(override_method));
    app.add_put("/items/{name}", stream_it);
    const std::string all = answer([app](Request& request) { return app.handle(request); },
                                   "POST / HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: PUT\r\n"
                                   "Content-Length: 4\r\n\r\nbody" +
                                       kGet);
    EXPECT_EQ(all.substr(0, all.find("HTTP/1.1 404")),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
              "c\r\nPUT tea body\r\n0\r\n\r\n");
    EXPECT_NE(all.find("HTTP/1.1 404"), all.npos) << all;
}

}  // namespace
}  // namespace aio::tests
