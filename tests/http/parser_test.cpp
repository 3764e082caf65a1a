// SPDX-License-Identifier: MIT
// Good messages, each in all deliveries (F65). What is refused: hostile_messages_test.cpp.
#include "http/deliveries.hpp"

#include <aio/http.hpp>
#include <aio/streams.hpp>

#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::MessageParser;
using http::ParserOptions;
using http::RequestParser;
using http::ResponseParser;
using Step = http::MessageParser::Step;

static_assert(!std::is_copy_constructible_v<RequestParser>);

std::string request(std::string_view wire) { return told<RequestParser>(wire); }
std::string response(std::string_view wire, const char* method = nullptr) {
    return told<ResponseParser>(wire, ParserOptions(), method);
}

TEST(HttpRequestParser, TakesAHeadApart) {
    EXPECT_EQ(request("GET /a?b=c HTTP/1.1\r\nHost: example.org:80\r\nX-Empty:\r\nX-Text: \t a b\t "
                      "\r\nx-empty: 2\r\n\r\n"),
              "GET /a?b=c @example.org:80 1.1 keep Host=example.org:80|X-Empty=|X-Text=a b|x-empty=2|; end ; "
              "left 0");
    EXPECT_EQ(request("GET / HTTP/1.0\r\n\r\n"), "GET / @ 1.0 ; end ; left 0");
    EXPECT_EQ(request("GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\xff\r\n\r\n").substr(0, 15),
              "InvalidURLError");
    EXPECT_EQ(request("GET / HTTP/1.1\r\nHost: [::1]:8080\r\nX: \xc3\xa9\xff\r\n\r\n"),
              "GET / @[::1]:8080 1.1 keep Host=[::1]:8080|X=\xc3\xa9\xff|; end ; left 0");
}

TEST(HttpRequestParser, TheFourFormsOfATarget) {
    EXPECT_EQ(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
              "OPTIONS * @a 1.1 keep Host=a|; end ; left 0");
    EXPECT_EQ(request("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
              "GET http://b:81/x?y @b:81 1.1 keep Host=a|; end ; left 0");
    EXPECT_EQ(request("GET HTTPS://b?y HTTP/1.1\r\nHost: b\r\n\r\n"),
              "GET HTTPS://b?y @b 1.1 keep Host=b|; end ; left 0");
    EXPECT_EQ(request("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"),
              "CONNECT b:443 @b:443 1.1 keep upgrade Host=b:443|; end ; left 0");
}

TEST(HttpRequestParser, AnyTokenIsAMethod) {
    EXPECT_EQ(request("FROB /x HTTP/1.1\r\nHost: a\r\n\r\n"), "FROB /x @a 1.1 keep Host=a|; end ; left 0");
    EXPECT_EQ(request("M-SEARCH /x HTTP/1.1\r\nHost: a\r\n\r\n"),
              "M-SEARCH /x @a 1.1 keep Host=a|; end ; left 0");
    EXPECT_EQ(request("get /x HTTP/1.1\r\nHost: a\r\n\r\n"), "get /x @a 1.1 keep Host=a|; end ; left 0");
    EXPECT_EQ(request("SETUP /x HTTP/1.1\r\nHost: a\r\n\r\n"), "SETUP /x @a 1.1 keep Host=a|; end ; left 0");
}

TEST(HttpRequestParser, BodiesAndWhatFollowsThem) {
    EXPECT_EQ(
        request(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: b\r\n\r\n"),
        "POST / @a 1.1 keep length 5 Host=a|Content-Length=5|; body hello; end ; "
        "GET /2 @b 1.1 keep Host=b|; end ; left 0");
    EXPECT_EQ(request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
              "POST / @a 1.1 keep length 0 Host=a|Content-Length=0|; end ; left 0");
    EXPECT_EQ(
        request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                "5\r\nhello\r\n0A;name=value;other=\"q\\\"u;o\";last\r\n, world!\r\n\r\n000\r\n\r\n"),
        "POST / @a 1.1 keep chunked Host=a|Transfer-Encoding=Chunked|; body hello, world!\r\n; end ; left 0");
}

TEST(HttpRequestParser, OneEmptyLineBeforeARequestIsForgiven) {
    EXPECT_EQ(request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n\r\n"),
              "GET / @a 1.1 keep Host=a|; end ; GET / @b 1.1 keep Host=b|; end ; left 0");
    EXPECT_EQ(request("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 17), "BadHttpMethod 400");
}

TEST(HttpRequestParser, TrailersWithoutThoseThatMustNotBeThere) {
    EXPECT_EQ(request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
                      "Checksum: 12 \r\nHost: evil\r\nEmpty:\r\nContent-Length: 5\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n"),
              "POST / @a 1.1 keep chunked Host=a|Transfer-Encoding=chunked|; body x; end "
              "Checksum=12|Empty=|; left 0");
}

// Whole tokens over all fields; close wins.
TEST(HttpRequestParser, F63_connection_is_a_list_of_tokens_over_all_its_fields) {
    const auto with = [](const std::string& fields, const char* version = "1.1") {
        const std::string text =
            request("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + fields + "\r\n");
        const std::size_t begin = text.find("@a ") + 3;
        return text.substr(begin, text.find("Host=") - begin);
    };
    EXPECT_EQ(with("Connection: Upgrade\r\nUpgrade: websocket\r\n"), "1.1 keep upgrade ");
    EXPECT_EQ(with("Connection: keep-alive, uPGRADE\r\nUpgrade: websocket\r\n"), "1.1 keep upgrade ");
    EXPECT_EQ(with("Connection: notupgrade\r\nUpgrade: websocket\r\n"), "1.1 keep ");
    EXPECT_EQ(with("Connection: upgrades\r\nUpgrade: websocket\r\n"), "1.1 keep ");
    EXPECT_EQ(with("Connection: upgrade\r\n"), "1.1 keep ");
    EXPECT_EQ(with("Connection: keep-alive, close\r\n"), "1.1 ");
    EXPECT_EQ(with("Connection: keep-alive\r\nConnection: CLOSE\r\n"), "1.1 ");
    EXPECT_EQ(with("Connection: ,,\tclose ,\r\n"), "1.1 ");
    EXPECT_EQ(with("Connection: close;x\r\n"), "1.1 keep ");
    EXPECT_EQ(with("Connection: disclose\r\n"), "1.1 keep ");
    EXPECT_EQ(with("", "1.0"), "1.0 ");
    EXPECT_EQ(with("Connection: x, Keep-Alive\r\n", "1.0"), "1.0 keep ");
    EXPECT_EQ(with("Connection: keep-alive, close\r\n", "1.0"), "1.0 ");
    EXPECT_EQ(with("Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n", "1.0"), "1.0 keep ");
}

TEST(HttpRequestParser, ExpectsOnlyFromThoseWhoKnowIt) {
    EXPECT_EQ(request("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx")
                  .substr(0, 17),
              "PUT / @a expect 1");
    EXPECT_EQ(request("PUT / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
                  .substr(0, 13),
              "PUT / @a 1.0 ");
    EXPECT_EQ(
        request("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\nx").substr(0, 13),
        "PUT / @a 1.1 ");
    for (const std::string other :
         {"x\r\nExpect: 100-continue", "100-continue\r\nExpect: x", "100-continue, x"}) {
        EXPECT_EQ(request("PUT / HTTP/1.1\r\nHost: a\r\nExpect: " + other + "\r\nContent-Length: 1\r\n\r\nx")
                      .substr(0, 13),
                  "PUT / @a 1.1 ")
            << other;
    }
}

TEST(HttpResponseParser, TakesAHeadApart) {
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
              "200 'OK' 1.1 keep length 2 Content-Length=2|; body ok; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 404 \xe4\tNot there\r\nContent-Length: 0\r\n\r\n"),
              "404 '\xe4\tNot there' 1.1 keep length 0 Content-Length=0|; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").substr(0, 7), "200 '' ");
    EXPECT_EQ(response("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").substr(0, 7), "200 '' ");
}

TEST(HttpResponseParser, WhetherThereIsABody) {
    const std::string told_length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    EXPECT_EQ(response(told_length, "HEAD"), "200 'OK' 1.1 keep length 2 Content-Length=2|; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD").substr(0, 18),
              "200 'OK' 1.1 keep ");
    EXPECT_EQ(response("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n"),
              "204 'No' 1.1 keep ; end ; 304 'Not' 1.1 keep length 9 Content-Length=9|; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\n\r\nabc"),
              "200 'OK' until_close 1.1 ; body abc; eof ends it; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
              "200 'OK' 1.1 keep chunked Transfer-Encoding=chunked|; body abc; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "CONNECT"),
              "200 'OK' 1.1 keep upgrade length 2 Content-Length=2|; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno", "CONNECT"),
              "407 'No' 1.1 keep length 2 Content-Length=2|; body no; end ; left 0");
}

TEST(HttpResponseParser, F70_an_interim_response_is_a_message_of_its_own) {
    EXPECT_EQ(
        response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\nContent-Length: 5\r\n\r\n"
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        "100 'Continue' 1.1 keep ; end ; 103 'Early' 1.1 keep length 5 Link=a|Content-Length=5|; end ; "
        "200 'OK' 1.1 keep length 2 Content-Length=2|; body ok; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
              "101 'Go' 1.1 keep upgrade Connection=upgrade|Upgrade=websocket|; end ; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n")
                  .substr(0, 26),
              "200 'OK' 1.1 keep length 0");
}

// F69: read to its end, and nothing else comes on this connection.
TEST(HttpResponseParser, F69_a_body_that_is_coded_and_not_chunked_ends_with_the_connection) {
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc"),
              "200 'OK' until_close 1.1 Transfer-Encoding=gzip|; body abc; eof ends it; left 0");
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc"),
              "200 'OK' until_close 1.1 Transfer-Encoding=chunked, gzip|; body abc; eof ends it; left 0");
}

TEST(HttpMessageParser, PiecesOfABodyAreViewsIntoWhatItWasGiven) {
    RequestParser parser;
    const std::string wire =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nd";
    ASSERT_EQ(parser.parse(wire), Step::head);
    EXPECT_EQ(parser.head().method.data(), wire.data());
    EXPECT_EQ(parser.head().get("transfer-encoding"), "chunked");
    EXPECT_EQ(parser.head().get("te"), std::nullopt);
    EXPECT_FALSE(parser.done());
    std::string_view rest = std::string_view(wire).substr(parser.consumed());
    ASSERT_EQ(parser.parse(rest), Step::body);
    EXPECT_EQ(parser.body().data(), rest.data() + 3);
    EXPECT_EQ(parser.body(), "abc");
    EXPECT_TRUE(parser.ends_chunk());
    rest.remove_prefix(parser.consumed());
    ASSERT_EQ(parser.parse(rest), Step::body);
    EXPECT_EQ(parser.body(), "d");
    EXPECT_FALSE(parser.ends_chunk());
    EXPECT_THROW(parser.next(), RuntimeError);
}

TEST(HttpMessageParser, F65_the_next_message_finds_nothing_of_the_one_before) {
    const std::string one =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0\r\nA: b\r\n\r\n";
    const auto options = ParserOptions().max_chunk_extensions(2).max_trailers_size(6).max_headers(2);
    const std::string said =
        "POST / @a 1.1 keep chunked Host=a|Transfer-Encoding=chunked|; body x; end A=b|; ";
    EXPECT_EQ(told<RequestParser>(one + "\r\n" + one + one + "GET / HTTP/1.0\r\n\r\n", options),
              said + said + said + "GET / @ 1.0 ; end ; left 0");
}

TEST(HttpRequestParser, F67_a_good_host_vouches_for_no_other) {
    const auto request_to = [](std::string_view host) {
        return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
    };
    for (const char* bad : {"", "a b", "a:99999"}) {
        RequestParser parser;
        for (const char* good : {"a", "a", "b", "a"}) {
            EXPECT_EQ(parser.parse(request_to(good)), Step::head);
            parser.next();
        }
        EXPECT_THROW(parser.parse(request_to(bad)), http::InvalidHeader) << bad;
    }
}

TEST(HttpRequestParser, HeadsThatAreKeptOutliveWhatTheyCameIn) {
    RequestParser parser;
    std::string memory;
    parser.keep_in(memory);
    std::string data = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy";
    EXPECT_EQ(parser.parse(data), Step::head);
    data.assign(data.size(), '?');
    EXPECT_EQ(parser.head().method, "POST");
    EXPECT_EQ(parser.head().target, "/a");
    EXPECT_EQ(parser.head().get("Host"), "h");
    EXPECT_EQ(parser.parse(std::string_view("xy")), Step::body);
    EXPECT_EQ(parser.body(), "xy");
    EXPECT_EQ(parser.head().get("content-length"), "2");
}

TEST(HttpRequestParser, FieldsOutliveIt) {
    std::string memory;
    http::RequestHead head;
    std::vector<http::Field> fields;
    {
        RequestParser parser;
        parser.keep_in(memory);
        EXPECT_EQ(parser.parse("GET /a HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n"), Step::head);
        head = parser.head();
        fields = parser.take_fields();
    }
    EXPECT_EQ(head.target, "/a");
    EXPECT_EQ(head.get("X"), "y");
    EXPECT_EQ(fields.size(), 2U);
    EXPECT_EQ(head.fields.data(), fields.data());
}

TEST(HttpRequestParser, TheFieldsOfTheHeadBeforeAreKnown) {
    RequestParser parser;
    std::string memory;
    parser.keep_in(memory);
    const std::string fields = "Host: h\r\nContent-Length: 0\r\nX: y\r\n\r\n";
    for (const std::string target : {"/", "/a", "/a", "http://b/"}) {
        const std::string line = "GET " + target + " HTTP/1.1";
        EXPECT_EQ(parser.parse(line + "\r\n" + fields), Step::head);
        EXPECT_EQ(parser.consumed(), line.size() + 2 + fields.size());
        EXPECT_TRUE(parser.done());
        EXPECT_EQ(parser.head().target, target);
        EXPECT_EQ(parser.head().host, target == "http://b/" ? "b" : "h");
        EXPECT_EQ(parser.head().content_length, 0U);
        EXPECT_EQ(parser.head().get("X"), "y");
        // The second head is the first for which room is kept. Then it takes nothing but the line, and also
        // that only if it is another one.
        const bool few = target.size() < 3;
        EXPECT_EQ(memory, "GET " + (few ? target : "/a") + " HTTP/1.1\r\n" + fields + (few ? "" : line));
        parser.next();
    }
}

TEST(HttpRequestParser, WhatIsKnownOfTheHeadBeforeChangesNothing) {
    const std::vector<std::string> lines{"GET / HTTP/1.1",
                                         "GET /a?b HTTP/1.1",
                                         "GET / HTTP/1.0",
                                         "POST /a HTTP/1.1",
                                         "FROB /x HTTP/1.1",
                                         "OPTIONS * HTTP/1.1",
                                         "GET http://b:81/x HTTP/1.1",
                                         "CONNECT b:443 HTTP/1.1",
                                         "GET /" + std::string(300, 'x') + " HTTP/1.1",
                                         "GET /" + std::string(8190, 'x') + " HTTP/1.1",
                                         "GET  / HTTP/1.1",
                                         "GET /a#b HTTP/1.1",
                                         "GET / HTTP/1.2",
                                         "GET /\r HTTP/1.1",
                                         "GET /\n HTTP/1.1",
                                         "GET",
                                         "PRI * HTTP/2.0",
                                         ""};
    const std::string host = "Host: a\r\n";
    const std::vector<std::string> rests{
        host + "\r\n",
        "Host: b\r\n\r\n",
        host + "Connection: close\r\n\r\n",
        host + "Connection: keep-alive\r\n\r\n",
        host + "Connection: upgrade\r\nUpgrade: x\r\n\r\n",
        host + "Content-Length: 2\r\n\r\nxy",
        host + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\nxy",
        host + "Transfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nT: 1\r\n\r\n",
        host + host + "\r\n",
        host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "X: 1\r\n\r\n",
        "\r\n"};
    std::minstd_rand random(11);
    const auto any = [&](const std::vector<std::string>& of, std::size_t usual) {
        return of[random() % (random() % 8 == 0 ? of.size() : usual)];
    };
    for (int round = 0; round < 2000; ++round) {
        std::string wire;
        std::string rest = any(rests, 8);
        for (int i = 0; i < 6; ++i) {
            if (random() % 4 == 0) rest = any(rests, 8);
            wire += any(lines, 9) + "\r\n" + rest;
        }
        std::vector<std::size_t> cuts;
        for (std::size_t at = 1 + random() % 50; at < wire.size(); at += 1 + random() % 400)
            cuts.push_back(at);
        const std::string expected = Delivery<RequestParser>().run(wire, {});
        EXPECT_EQ(Delivery<KeepingRequestParser>().run(wire, {}), expected) << wire;
        EXPECT_EQ(Delivery<KeepingRequestParser>().run(wire, cuts), expected) << wire;
    }
}

TEST(HttpMessageParser, KnowsWhetherAMessageHasBegunAndWhetherItIsDone) {
    RequestParser parser;
    EXPECT_FALSE(parser.begun());
    EXPECT_FALSE(parser.feed_eof());
    EXPECT_EQ(parser.parse("\r\n"), Step::need_data);
    EXPECT_EQ(parser.consumed(), 2U);
    EXPECT_FALSE(parser.begun());
    EXPECT_EQ(parser.parse("G"), Step::need_data);
    EXPECT_TRUE(parser.begun());
    EXPECT_EQ(parser.wanted(), 2U);
    EXPECT_EQ(parser.parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Step::head);
    EXPECT_TRUE(parser.done());
    EXPECT_EQ(parser.parse(""), Step::end);
    EXPECT_EQ(parser.parse(""), Step::end);
    parser.next();
    parser.next();
    EXPECT_FALSE(parser.begun());
}

TEST(HttpMessageParser, ReadsFromAStreamInPlace) {
    StreamReader reader;
    RequestParser parser;
    reader.feed_data("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n");
    ASSERT_EQ(parser.parse(reader.buffered()), Step::head);
    EXPECT_EQ(parser.head().target, "/1");
    EXPECT_EQ(parser.head().target.data(), reader.buffered().data() + 4);
    reader.consume(parser.consumed());
    parser.next();
    ASSERT_EQ(parser.parse(reader.buffered()), Step::need_data);
    reader.feed_data("Host: a\r\n\r\n");
    ASSERT_EQ(parser.parse(reader.buffered()), Step::head);
    EXPECT_EQ(parser.head().target, "/2");
}

}  // namespace
}  // namespace aio::tests
