// SPDX-License-Identifier: MIT
// What is refused, each in all deliveries with the same outcome at the same byte.
#include "http/deliveries.hpp"

#include <aio/http.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::ParserOptions;
using http::RequestParser;
using http::ResponseParser;

/// The first words of what is told: the kind of the error and the status to answer, if that is all.
std::string outcome(const std::string& told) {
    const std::size_t error = told.rfind("; ");
    const std::string last = error == told.npos ? told : told.substr(error + 2);
    return last.substr(0, last.find(' ', last.find(' ') + 1));
}

std::string refused(std::string_view wire) { return outcome(told<RequestParser>(wire)); }
std::string refused_response(std::string_view wire) { return outcome(told<ResponseParser>(wire)); }
std::string with_fields(const std::string& fields) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string chunks(const std::string& body) { return with_fields("Transfer-Encoding: chunked\r\n") + body; }

TEST(HostileRequests, RequestLines) {
    EXPECT_EQ(refused("GET /\r\n\r\n"), "BadStatusLine 400");  // HTTP/0.9
    EXPECT_EQ(refused("GET\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET / HTTP/0.9\r\n\r\n"), "BadStatusLine 505");
    EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "BadStatusLine 505");
    EXPECT_EQ(refused("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), "BadStatusLine 505");
    EXPECT_EQ(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "BadStatusLine 505");
    EXPECT_EQ(refused("PRI * HTTP/1.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET / HTTP/01.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET / HTTP/1.10\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET / http/1.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("OPTIONS * RTSP/1.0\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("SOURCE / ICE/1.0\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET /  HTTP/1.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), "BadHttpMethod 400");
    EXPECT_EQ(refused("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"), "BadHttpMethod 400");
    EXPECT_EQ(refused(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "BadHttpMethod 400");
    EXPECT_EQ(refused("\x16\x03\x01\x02"), "BadHttpMethod 400");  // TLS: told at once
    EXPECT_EQ(refused("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "BadHttpMethod 400");
    EXPECT_EQ(refused("HTTP/1.1 200 OK\r\nHost: a\r\n\r\n"), "BadStatusLine 400");
}

TEST(HostileRequests, Targets) {
    const auto target = [](const std::string& text) {
        return refused("GET " + text + " HTTP/1.1\r\nHost: a\r\n\r\n");
    };
    EXPECT_EQ(target("*"), "InvalidURLError 400");
    EXPECT_EQ(target("a:80"), "InvalidURLError 400");
    EXPECT_EQ(target("x/y"), "InvalidURLError 400");
    EXPECT_EQ(target("/a#b"), "InvalidURLError 400");
    EXPECT_EQ(target("ftp://a/"), "InvalidURLError 400");
    EXPECT_EQ(target("http://"), "InvalidURLError 400");
    EXPECT_EQ(target("http:///x"), "InvalidURLError 400");
    EXPECT_EQ(target("http://user@a/x"), "InvalidURLError 400");
    EXPECT_EQ(target("http://a:99999/"), "InvalidURLError 400");
    EXPECT_EQ(target(std::string("/a\0b", 4)), "InvalidURLError 400");
    EXPECT_EQ(target("/a\x7f"), "InvalidURLError 400");
    EXPECT_EQ(target("/a\tb"), "InvalidURLError 400");
    EXPECT_EQ(target("/a b"), "BadStatusLine 400");
    EXPECT_EQ(refused("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"), "InvalidURLError 400");
    EXPECT_EQ(refused("CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n"), "InvalidURLError 400");
    EXPECT_EQ(refused("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
              "BadHttpMessage 400");
}

TEST(HostileRequests, EndsOfLinesAndNames) {
    EXPECT_EQ(refused("GET / HTTP/1.1\nHost: a\r\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\n\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nX:\rHost: b\r\n\r\n"), "BadHttpMessage 400");  // CVE-2023-30589
    EXPECT_EQ(refused("GET / HTTP/1.1\rHost: a\r\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused(with_fields("X: a\r\n b\r\n")), "InvalidHeader 400");  // obs-fold
    EXPECT_EQ(refused(with_fields("X:\r\n\tb\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields(": a\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("X : a\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("X\t: a\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("Content-Length : 1\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("no colon\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("nocolon\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("X(y): a\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("\xc3\xa9: a\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields(std::string("X: a\0b\r\n", 8))), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("X: a\x01\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused(with_fields("X: a\x7f\r\n")), "InvalidHeader 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a"), "BadHttpMessage 400");  // the connection ends
}

TEST(HostileRequests, F67_host_and_other_fields_that_come_once) {
    EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(refused("GET http://a/ HTTP/1.1\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), "InvalidHeader 400");
    for (const std::string host :
         {"",      "a, b",    "a,b",      "a b", "u@a",  "a/b", "a?b",   "a#b",    "a\\b", "a:b",
          "a:1:2", "a:65536", "a:123456", ":80", "[::1", "[]",  "[::g]", "[::1]x", "%61",  "\xc3\xa9"}) {
        EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"), "InvalidHeader 400") << host;
    }
    for (const std::string name : {"Content-Type", "Authorization", "Content-Range", "Content-Location",
                                   "Max-Forwards", "User-Agent"}) {
        EXPECT_EQ(refused(with_fields(name + ": a\r\nX: b\r\n" + name + ": a\r\n")), "InvalidHeader 400")
            << name;
        EXPECT_EQ(told<RequestParser>(with_fields(name + ": a\r\n")).substr(0, 6), "POST /") << name;
    }
}

TEST(HostileRequests, F67_content_length) {
    const auto length = [](const std::string& fields) { return refused(with_fields(fields) + "12345"); };
    EXPECT_EQ(length("Content-Length: 5\r\nContent-Length: 5\r\n"), "ContentLengthError 400");
    EXPECT_EQ(length("Content-Length: 5\r\nContent-Length: 6\r\n"), "ContentLengthError 400");
    for (const std::string value : {"", "5, 5", "5,6", "+5", "-5", "0x5", "5 5", "5\t", "5.0", "\xb2",
                                    "18446744073709551616", "99999999999999999999"}) {
        EXPECT_EQ(length("Content-Length: " + value + "\r\n"), "ContentLengthError 400") << value;
    }
    EXPECT_EQ(length("Content-Length: 6\r\n"), "ContentLengthError 400");  // the connection ends
    EXPECT_EQ(length("Content-Length: 18446744073709551615\r\n"), "ContentLengthError 400");
}

TEST(HostileRequests, F69_transfer_codings) {
    const auto coding = [](const std::string& fields) { return refused(with_fields(fields) + "0\r\n\r\n"); };
    EXPECT_EQ(coding("Transfer-Encoding: gzip\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(coding("Transfer-Encoding: gzip, chunked\r\n"), "TransferEncodingError 501");
    EXPECT_EQ(coding("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
              "TransferEncodingError 501");
    EXPECT_EQ(coding("Transfer-Encoding: chunked, gzip\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"),
              "TransferEncodingError 400");
    EXPECT_EQ(coding("Transfer-Encoding: chunked, chunked\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
              "TransferEncodingError 400");
    EXPECT_EQ(coding("Transfer-Encoding: identity\r\n"), "TransferEncodingError 400");
    for (const std::string value :
         {"xchunked", "chunkedx", "chunked;q=1", "\"chunked\"", "chunked x", "", ",",
          "\x0b"
          "chunked"}) {
        const std::string outcome = coding("Transfer-Encoding: " + value + "\r\n");
        EXPECT_TRUE(outcome == "TransferEncodingError 400" || outcome == "InvalidHeader 400")
            << value << ": " << outcome;
    }
    EXPECT_EQ(coding("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "ContentLengthError 400");
    EXPECT_EQ(coding("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "ContentLengthError 400");
    EXPECT_EQ(coding("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"), "ContentLengthError 400");
    EXPECT_EQ(coding("Content-Length: 5\r\nTransfer-Encoding:\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(refused("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              "TransferEncodingError 400");
}

TEST(HostileRequests, F64_chunks_that_are_not_what_they_say) {
    for (const std::string body : {"5\r\nabc\r\n0\r\n\r\n",
                                   "3\r\nabcdef\r\n",
                                   "3\r\nabc\n0\r\n\r\n",
                                   "3\r\nabc0\r\n\r\n",
                                   "3\nabc\r\n",
                                   "3\r\nabc\r\r\n",
                                   "\r\n",
                                   "g\r\n",
                                   "-1\r\n",
                                   "+1\r\n",
                                   "0x1\r\n",
                                   " 1\r\n",
                                   "1 \r\nx\r\n",
                                   "1\t\r\n",
                                   "1\r\r\n",
                                   "10000000000000000\r\n",
                                   "00000000000000001\r\nx\r\n",
                                   "1,1\r\nx\r\n",
                                   ";a\r\n",
                                   "1;\r\nx\r\n",
                                   "1;;a\r\nx\r\n",
                                   "1;a;\r\nx\r\n",
                                   "1;a=\r\nx\r\n",
                                   "1;=b\r\nx\r\n",
                                   "1;a b\r\nx\r\n",
                                   "1; a\r\nx\r\n",
                                   "1;a=\"b\r\nx\r\n",
                                   "1;a=\"b\"c\r\nx\r\n",
                                   "1;a=b\nx\r\n",
                                   "1;a=\"\n\"\r\nx\r\n",
                                   "1;a=b\rx\r\n"}) {
        EXPECT_EQ(refused(chunks(body)), "TransferEncodingError 400") << body;
    }
    EXPECT_EQ(refused(chunks("1;a=\"\x01\"\r\nx\r\n")), "TransferEncodingError 400");
    EXPECT_EQ(refused(chunks("1;a=\"\\\x7f\"\r\nx\r\n")), "TransferEncodingError 400");
}

TEST(HostileRequests, F64_the_connection_ends_within_a_body) {
    const std::string wire = chunks("3\r\nabc\r\n1;a=b\r\nx\r\n0\r\nA: b\r\n\r\n");
    const std::size_t head = chunks("").size();
    for (std::size_t size = head; size < wire.size(); ++size) {
        const std::string outcome = refused(wire.substr(0, size));
        EXPECT_EQ(outcome, "TransferEncodingError 400") << size;
    }
    EXPECT_EQ(refused(wire), "left 0");
}

TEST(HostileRequests, F68_trailers) {
    const auto trailers = [](const std::string& text) { return refused(chunks("1\r\nx\r\n0\r\n" + text)); };
    EXPECT_EQ(trailers("GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers("nocolon\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers(" A: b\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers("A: b\r\n c\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers(": b\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers("A : b\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers("Host : b\r\n\r\n"), "InvalidHeader 400");
    EXPECT_EQ(trailers("A: b\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(trailers("A: \rb\r\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(trailers("A: " + std::string(9000, 'x') + "\r\n\r\n"), "LineTooLong 431");
    // What comes behind them is the next request, and only that.
    EXPECT_EQ(told<RequestParser>(
                  chunks("0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
                         "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n")),
              "POST / @a 1.1 keep chunked Host=a|Transfer-Encoding=chunked|; end ; GET /2 @b 1.1 keep "
              "Host=b|; end ; left 0");
}

TEST(HostileResponses, StatusLines) {
    for (const std::string line :
         {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000 OK", "HTTP/1.1 20x OK", "HTTP/1.1 099 X",
          "HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK", "HTTP/2.0 200 OK", "HTTP/1.2 200 OK",
          "HTTP/1.1 -20 OK", "HTTPS/1.1 200 OK", "ICY 200 OK", "http/1.1 200 OK", "GET / HTTP/1.1",
          "HTTP/1.1 200 O\x01K", "HTTP/1.1 200 O\x7fK"}) {
        EXPECT_EQ(refused_response(line + "\r\nContent-Length: 0\r\n\r\n"), "BadStatusLine 400") << line;
    }
    EXPECT_EQ(refused_response("HTTP/1.1 200 O\rK\r\n\r\n"), "BadHttpMessage 400");
    EXPECT_EQ(refused_response("\r\nHTTP/1.1 200 OK\r\n\r\n"), "BadStatusLine 400");
    EXPECT_EQ(refused_response("HTTP/1.1 200 OK\r\n X: y\r\n\r\n"), "InvalidHeader 400");
}

TEST(HostileResponses, F69_framing) {
    const auto response = [](const std::string& fields) {
        return refused_response("HTTP/1.1 200 OK\r\n" + fields + "\r\nabc");
    };
    EXPECT_EQ(response("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "ContentLengthError 400");
    EXPECT_EQ(response("Content-Length: 3\r\nTransfer-Encoding:\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(response("Content-Length: 3\r\nContent-Length: 3\r\n"), "ContentLengthError 400");
    EXPECT_EQ(response("Content-Length: 4\r\n"), "ContentLengthError 400");
    EXPECT_EQ(response("Transfer-Encoding: gzip, chunked\r\n"), "TransferEncodingError 501");
    EXPECT_EQ(response("Transfer-Encoding: chunked, chunked\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(response("Transfer-Encoding: chunked\r\n"), "TransferEncodingError 400");
    EXPECT_EQ(refused_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              "TransferEncodingError 400");
}

// F66: at the same byte, whole and in pieces.
TEST(HostileRequests, F66_limits_hold_in_all_deliveries) {
    const auto get = [](std::size_t size) {  // whose request line has so many bytes
        return "GET /" + std::string(size - 14, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    EXPECT_EQ(refused(get(8190)), "left 0");
    EXPECT_EQ(refused(get(8191)), "LineTooLong 414");
    EXPECT_EQ(refused(get(20000)), "LineTooLong 414");
    const auto field = [](std::size_t size) {
        return with_fields("X: " + std::string(size - 3, 'x') + "\r\n");
    };
    EXPECT_EQ(refused(field(8190)), "left 0");
    EXPECT_EQ(refused(field(8191)), "LineTooLong 431");
    const auto fields = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 1; i < count; ++i) text += "X: y\r\n";
        return with_fields(text);
    };
    EXPECT_EQ(refused(fields(128)), "left 0");
    EXPECT_EQ(refused(fields(129)), "LineTooLong 431");
    EXPECT_EQ(refused(fields(300)), "LineTooLong 431");
    const std::string five =
        with_fields("A: " + std::string(8000, 'x') + "\r\nB: " + std::string(8000, 'x') +
                    "\r\nC: " + std::string(8000, 'x') + "\r\nD: " + std::string(8000, 'x') +
                    "\r\nE: " + std::string(8000, 'x') + "\r\n");
    EXPECT_EQ(refused(five), "LineTooLong 431");
    EXPECT_EQ(refused(chunks("1;a=" + std::string(20000, 'x') + "\r\nx\r\n0\r\n\r\n")), "LineTooLong 413");
    std::string many;
    for (int i = 0; i < 3000; ++i) many += "1;a=b\r\nx\r\n";
    EXPECT_EQ(outcome(Delivery<RequestParser>().run(chunks(many + "0\r\n\r\n"), {})), "left 0");
    EXPECT_EQ(outcome(Delivery<RequestParser>().run(chunks(many + many), {})), "LineTooLong 413");
    std::string trailers;
    for (int i = 0; i < 100; ++i) trailers += "A: " + std::string(1000, 'x') + "\r\n";
    EXPECT_EQ(refused(chunks("0\r\n" + trailers + "\r\n")), "LineTooLong 431");
}

TEST(HostileResponses, F66_limits_hold_in_all_deliveries) {
    const auto status = [](std::size_t size) {  // whose status line has so many bytes
        return "HTTP/1.1 200 " + std::string(size - 13, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    };
    EXPECT_EQ(refused_response(status(8190)), "left 0");
    EXPECT_EQ(refused_response(status(8191)), "LineTooLong 400");
    EXPECT_EQ(refused_response(status(20000)), "LineTooLong 400");
}

TEST(HostileRequests, F66_limits_are_options) {
    const auto with = [](const ParserOptions& options, std::string_view wire) {
        return outcome(told<RequestParser>(wire, options));
    };
    const std::string get = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    EXPECT_EQ(with(ParserOptions().max_line_size(14), get), "left 0");
    EXPECT_EQ(with(ParserOptions().max_line_size(13), get), "LineTooLong 414");
    EXPECT_EQ(with(ParserOptions().max_field_size(7), get), "left 0");
    EXPECT_EQ(with(ParserOptions().max_field_size(6), get), "LineTooLong 431");
    EXPECT_EQ(with(ParserOptions().max_headers(2), get), "left 0");
    EXPECT_EQ(with(ParserOptions().max_headers(1), get), "LineTooLong 431");
    EXPECT_EQ(with(ParserOptions().max_head_size(get.size()), get), "left 0");
    EXPECT_EQ(with(ParserOptions().max_head_size(get.size() - 1), get), "LineTooLong 431");
    const std::string chunked = chunks("1;a\r\nx\r\n0\r\nA: b\r\n\r\n");
    EXPECT_EQ(with(ParserOptions().max_chunk_extensions(2), chunked), "left 0");
    EXPECT_EQ(with(ParserOptions().max_chunk_extensions(1), chunked), "LineTooLong 413");
    EXPECT_EQ(with(ParserOptions().max_trailers_size(6), chunked), "left 0");
    EXPECT_EQ(with(ParserOptions().max_trailers_size(5), chunked), "LineTooLong 431");
}

}  // namespace
}  // namespace aio::tests
