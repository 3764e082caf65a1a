// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <stdexcept>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct ServerTest : WebTest {};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    EXPECT_EQ(answer(say_hello, kGet), kHello);
    EXPECT_EQ(answer(say_hello, kGet + kGet), kHello + kHello);
    EXPECT_EQ(answer(say_hello, "\r\n" + kGet), kHello);
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerTest, AddsDateAndServer) {
    run([]() -> Coro<> {
        const web::Server server(say_hello);
        const RawClient client(server);
        client.send(kGet);
        const std::string head = co_await client.head();
        EXPECT_NE(head.find("\r\nServer: aio\r\n"), std::string::npos) << head;
        EXPECT_NE(head.find("\r\nDate: "), std::string::npos) << head;
        EXPECT_NE(head.find(" GMT\r\n"), std::string::npos) << head;
    });
}

TEST_F(ServerTest, BodiesByLengthAndInChunks) {
    EXPECT_EQ(
        answer(say_request, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kGet),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n\r\nPOST /a "
        "abcHTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n\r\nGET / ");
    EXPECT_EQ(answer(say_request,
                     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX: y\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n\r\nPUT / "
              "abcde");
}

TEST_F(ServerTest, AnswersInAllCutsOfTheRequest) {
    const std::string text =
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + kGet;
    const std::string expected = answer(say_request, text);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        const std::string answered = run([&]() -> Coro<std::string> {
            const web::Server server{web::Handler(say_request)};
            const RawClient client(server);
            client.send(std::string_view(text).substr(0, cut));
            co_await sleep(1ms);
            client.send(std::string_view(text).substr(cut));
            client.writer.write_eof();
            std::string all = co_await client.rest();
            co_return without_common(std::move(all));
        });
        EXPECT_EQ(answered, expected) << cut;
    }
}

TEST_F(ServerTest, HeadHasNoBody) {
    EXPECT_EQ(
        answer(say_hello, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + kGet),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n" + kHello);
}

TEST_F(ServerTest, NoBodyWithTheseStatuses) {
    const auto empty = [](Request& request) -> Coro<Response> {
        const int status = std::stoi(request.raw_path().substr(1).data());
        co_return Response(status).text("not sent");
    };
    EXPECT_EQ(answer(empty, "GET /204 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(answer(empty, "GET /304 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST_F(ServerTest, OldVersion) {
    const std::string type = "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n";
    EXPECT_EQ(answer(say_hello, "GET / HTTP/1.0\r\n\r\n" + kGet), "HTTP/1.0 200 OK\r\n" + type + "\r\nhello");
    EXPECT_EQ(answer(say_hello, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
              "HTTP/1.0 200 OK\r\n" + type + "Connection: keep-alive\r\n\r\nhelloHTTP/1.0 200 OK\r\n" + type +
                  "\r\nhello");
}

TEST_F(ServerTest, ClosesIfEitherWantsIt) {
    const std::string closed =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\nConnection: "
        "close\r\n\r\nhello";
    EXPECT_EQ(answer(say_hello, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + kGet), closed);
    const auto closing = [](Request&) -> Coro<Response> { co_return Response().text("hello").force_close(); };
    EXPECT_EQ(answer(closing, kGet + kGet), closed);
}

TEST_F(ServerTest, BadMessagesAreAnsweredAndEndTheConnection) {
    const auto refused = [&](const std::string& text) {
        const std::string all = answer(say_hello, text + kGet);
        EXPECT_NE(all.find("\r\nConnection: close\r\n"), std::string::npos) << all;
        EXPECT_EQ(all.find("hello"), std::string::npos) << all;
        return all.substr(0, all.find("\r\n"));
    };
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(refused("GET /\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(refused("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 414 Request-URI Too Long");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'a') + "\r\n\r\n"),
              "HTTP/1.1 431 Request Header Fields Too Large");
    EXPECT_EQ(
        refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(refused("GET / HTTP/3.0\r\nHost: a\r\n\r\n"), "HTTP/1.1 505 HTTP Version Not Supported");
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerTest, ABrokenBodyIsAnswered) {
    const std::string all =
        answer(say_request, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + kGet);
    EXPECT_EQ(all.substr(0, 24), "HTTP/1.1 400 Bad Request") << all;
    EXPECT_EQ(all.find("200"), std::string::npos) << all;
}

TEST_F(ServerTest, ErrorsOfTheHandlerAreAnsweredAndReported) {
    const auto fails = [](Request&) -> Coro<Response> {
        throw std::runtime_error("secret");
        co_return Response();
    };
    const std::string page = answer(fails, kGet);
    EXPECT_EQ(page.substr(0, 34), "HTTP/1.1 500 Internal Server Error") << page;
    EXPECT_EQ(page.find("secret"), std::string::npos) << page;
    ASSERT_EQ(reports().size(), 1u);
    EXPECT_EQ(reports()[0], "Error handling request <Request GET /> [exception]");
    const std::string shown = answer(fails, kGet, web::ServerOptions().debug(true));
    EXPECT_NE(shown.find("secret"), std::string::npos) << shown;
    const std::string html = answer(fails, "GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n",
                                    web::ServerOptions().debug(true));
    EXPECT_NE(html.find("Content-Type: text/html"), std::string::npos) << html;
}

TEST_F(ServerTest, AResponseThatIsEmptyIsAnError) {
    const auto empty = [](Request&) -> Coro<Response> {
        Response gone;
        Response taken = std::move(gone);
        co_return gone;  // NOLINT(bugprone-use-after-move)
    };
    EXPECT_EQ(answer(empty, kGet).substr(0, 12), "HTTP/1.1 500");
    EXPECT_EQ(reports().size(), 1u);
}

TEST_F(ServerTest, ExceptionsThatAreAnswers) {
    const auto throws = [](Request&) -> Coro<Response> {
        throw web::HTTPForbidden().text("no").header("X-Why", "because");
        co_return Response();
    };
    EXPECT_EQ(answer(throws, kGet),
              "HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Type: text/plain; "
              "charset=utf-8\r\nContent-Length: 2\r\n\r\nno");
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(ServerTest, ContinueIsSentWhenTheBodyIsRead) {
    run([]() -> Coro<> {
        const web::Server server{web::Handler(say_request)};
        const RawClient client(server);
        client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        const std::string interim = co_await client.head();
        EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("ab" + kGet);
        client.writer.write_eof();
        const std::string all = co_await client.rest();
        EXPECT_NE(all.find("POST / ab"), std::string::npos) << all;
        EXPECT_NE(all.find("GET / "), std::string::npos) << all;
    });
}

TEST_F(ServerTest, AccessLog) {
    std::string lines;
    const auto logger = std::make_shared<web::AccessLogger>(
        "%r %s %b %{User-Agent}i %{Content-Type}o %{Content-Length}o %D",
        [&](std::string_view line) { lines += std::string(line) + "\n"; });
    const auto slow = [](Request& request) -> Coro<Response> {
        co_await sleep(25us);
        if (request.raw_path() != "/") throw web::HTTPNotFound();
        co_return Response().text("hello");
    };
    const std::string text =
        "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\"y\r\n\r\nGET /no HTTP/1.1\r\nHost: a\r\n\r\n";
    answer(slow, text, web::ServerOptions().access_log(logger));
    EXPECT_EQ(lines,
              "GET / HTTP/1.1 200 5 x\\\"y text/plain; charset=utf-8 5 25\n"
              "GET /no HTTP/1.1 404 14 - text/plain; charset=utf-8 14 25\n");
}

TEST_F(ServerTest, OptionsAreChecked) {
    EXPECT_THROW(web::ServerOptions().keepalive_timeout(-1s), ValueError);
    EXPECT_THROW(web::ServerOptions().read_bufsize(0), ValueError);
    run([]() -> Coro<> {
        EXPECT_THROW(web::Server(say_hello, web::ServerOptions().read_bufsize(1000)), ValueError);
        EXPECT_THROW(web::Server{web::Handler{}}, ValueError);
        co_return;
    });
}

}  // namespace
}  // namespace aio::tests
