// SPDX-License-Identifier: MIT
// Requests that another server in front of this one could take for others: each is refused, and nothing that
// stands behind it is served. What the parser says of each: tests/http/hostile_messages_test.cpp.
#include "web/web_test.hpp"

#include <aio/http/syntax_impl.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

struct Smuggled {
    std::string text;
    std::string status;
};

std::string message(const std::string& fields, const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}
std::string chunked(const std::string& body) { return message("Transfer-Encoding: chunked\r\n", body); }

/// Those that are wrong in their head: no handler is called.
std::vector<Smuggled> heads() {
    return {
        // Two lengths, or none that is one.
        {message("Content-Length: 0\r\nContent-Length: 44\r\n", ""), "400"},
        {message("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"), "400"},
        {message("Content-Length: 5, 5\r\n", "abcde"), "400"},
        {message("Content-Length: +5\r\n", "abcde"), "400"},
        {message("Content-Length: -1\r\n", ""), "400"},
        {message("Content-Length: 0x5\r\n", "abcde"), "400"},
        {message("Content-Length: 5 5\r\n", "abcde"), "400"},
        {message("Content-Length:\r\n", ""), "400"},
        {message("Content-Length: 18446744073709551616\r\n", ""), "400"},
        // A length and chunks, in both orders.
        {message("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), "400"},
        // Codings that do not end with chunked, or hide it.
        {message("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: identity\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501"},
        {message("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n"), "400"},
        {message("Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 "0\r\n\r\n"),
         "400"},
        {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        // Names that are none: with a space before the colon, folded, empty, without a colon.
        {message("Content-Length : 5\r\n", "abcde"), "400"},
        {message("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), "400"},
        {message("X: a\r\n Content-Length: 5\r\n", "abcde"), "400"},
        {message("X: a\r\n\tTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
        {"POST / HTTP/1.1\r\n Host: a\r\nContent-Length: 0\r\n\r\n", "400"},
        {message(": a\r\n", ""), "400"},
        {message("Content-Length 5\r\n", "abcde"), "400"},
        {message("Content_Length(: 5\r\n", "abcde"), "400"},
        // Lines that end otherwise.
        {"POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n", "400"},
        {message("X: a\nContent-Length: 5\r\n", "abcde"), "400"},
        {message("X: a\rContent-Length: 5\r\n", "abcde"), "400"},
        {message("X:\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
        {message(std::string("X: a\0b\r\n", 8), ""), "400"},
        // Hosts.
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "400"},
        {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        // Lines that are no request, and versions.
        {"GET /\r\n\r\n", "400"},
        {"GET / HTTP/0.9\r\n\r\n", "505"},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400"},
        {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"G\x80T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"\x16\x03\x01\x02", "400"},
        {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\n", "400"},
    };
}

/// Those that are wrong behind it.
std::vector<Smuggled> bodies() {
    return {
        {chunked("5\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("3\r\nabcdef\r\n0\r\n\r\n"), "400"},
        {chunked("3\r\nabc0\r\n\r\n"), "400"},
        {chunked("3\nabc\n0\n\n"), "400"},
        {chunked("3\r\nabc\r\n0\n\n"), "400"},
        {chunked("0x3\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked(" 3\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("-3\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("10000000000000000\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("fffffffffffffffff3\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("3;a=\"\nGET /hidden HTTP/1.1\"\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("3;a\rb\r\nabc\r\n0\r\n\r\n"), "400"},
        {chunked("3;" + std::string(20'000, 'x') + "\r\nabc\r\n0\r\n\r\n"), "413"},
        {chunked("g\r\n"), "400"},
        {chunked("3\r\nabc\r\n0\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"), "400"},
        {chunked("3\r\nabc\r\n0\r\nX : a\r\n\r\n"), "400"},
        {chunked("3\r\nabc\r\n0\r\n X: a\r\n\r\n"), "400"},
        {chunked("3\r\nabc\r\n0\r\nX: a\n\r\n"), "400"},
        {chunked("3\r\nabc\r\n0\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), "431"},
    };
}

struct SmugglingTest : WebTest {
    /// What is answered to a text with a request behind it, in two or in many pieces; `paths` are those that
    /// the handler has seen.
    std::string answer_to(const std::string& text, bool reads, std::size_t piece, std::string& paths) {
        return run([&]() -> Coro<std::string> {
            const auto handler = [&](Request& request) -> Coro<Response> {
                paths += std::string(request.raw_path()) + " ";
                std::string body;
                if (reads) body = co_await request.read();
                co_return Response().text("served " + body);
            };
            const web::Server server{web::Handler(handler)};
            const RawClient client(server);
            const std::string all = text + kHidden;
            for (std::size_t at = 0; at < all.size(); at += piece) {
                client.send(all.substr(at, piece));
                co_await sleep(0s);
            }
            client.writer.write_eof();
            std::string answered = co_await client.rest();
            co_await sleep(1ms);
            EXPECT_EQ(server.connections(), 0U);
            co_return answered;
        });
    }
    /// How many status lines there are; a page may tell of the request line.
    static int answers_in(const std::string& all) {
        int count = 0;
        for (std::size_t at = all.find("HTTP/1.1 "); at != all.npos; at = all.find("HTTP/1.1 ", at + 1)) {
            if (http::syntax::is_digit(all[at + 9])) ++count;
        }
        return count;
    }
    static std::string printable(std::string text) {
        for (char& c : text) {
            if (c < 32) c = c == '\n' ? '|' : '.';
        }
        return text.substr(0, 200);
    }
};

TEST_F(SmugglingTest, AHeadThatIsWrongIsTheLastOne) {
    for (const auto& [text, status] : heads()) {
        for (const std::size_t piece : {std::size_t{1'000'000}, std::size_t{1}}) {
            std::string paths;
            const std::string all = answer_to(text, true, piece, paths);
            EXPECT_EQ(all.substr(0, 13), "HTTP/1.1 " + status + " ") << printable(text) << piece;
            EXPECT_NE(all.find("\r\nConnection: close\r\n"), all.npos) << printable(text);
            EXPECT_EQ(answers_in(all), 1) << printable(text) << printable(all);
            EXPECT_EQ(paths, "") << printable(text);
        }
    }
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(SmugglingTest, ABodyThatIsWrongIsTheLastOne) {
    for (const auto& [text, status] : bodies()) {
        for (const std::size_t piece : {std::size_t{1'000'000}, std::size_t{7}}) {
            std::string paths;
            std::string all = answer_to(text, true, piece, paths);
            EXPECT_EQ(all.substr(0, 13), "HTTP/1.1 " + status + " ") << printable(text) << piece;
            EXPECT_NE(all.find("\r\nConnection: close\r\n"), all.npos) << printable(text);
            EXPECT_EQ(answers_in(all), 1) << printable(text) << printable(all);
            EXPECT_EQ(paths, "/ ") << printable(text);
            // A handler that does not look at the body answers, and that is all.
            paths.clear();
            all = answer_to(text, false, piece, paths);
            EXPECT_EQ(all.substr(0, 13), "HTTP/1.1 200 ") << printable(text) << piece;
            EXPECT_EQ(answers_in(all), 1) << printable(text) << printable(all);
            EXPECT_EQ(paths, "/ ") << printable(text);
        }
    }
    EXPECT_EQ(reports(), std::vector<std::string>());
}

// What frames or routes a message counts in its head alone.
TEST_F(SmugglingTest, TrailersDoNotCount) {
    std::string seen;
    const auto handler = [&](Request& request) -> Coro<Response> {
        std::string body = co_await request.read();
        seen += std::string(request.raw_path()) + " " + request.host() + " " +
                std::string(request.header("Content-Length").value_or("-")) + " " +
                std::string(request.header("Authorization").value_or("-")) + ";";
        co_return Response().text(body);
    };
    const std::string all = answer(handler, chunked("3\r\nabc\r\n0\r\nContent-Length: 33\r\nHost: b\r\n"
                                                    "Transfer-Encoding: chunked\r\nConnection: close\r\n"
                                                    "Authorization: Basic YTpi\r\n\r\n") +
                                                kHidden);
    EXPECT_EQ(seen, "/ a - -;/hidden a - -;");
    EXPECT_EQ(all.find("Connection: close"), all.npos) << all;
}

}  // namespace
}  // namespace aio::tests
