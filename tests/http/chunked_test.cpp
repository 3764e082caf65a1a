// SPDX-License-Identifier: MIT
#include "http/deliveries.hpp"

#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::Headers;

TEST(ChunkedBody, WhatIsFramedCanBeParsed) {
    std::string wire = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::size_t head = wire.size();
    http::append_chunk(wire, "hello");
    http::append_chunk(wire, "");
    http::append_chunk_begin(wire, 26);
    wire.append("abcdefghijklmnopqrstuvwxyz").append(http::kChunkEnd);
    http::append_last_chunk(wire, Headers{{"Checksum", "1\t2"}, {"Empty", ""}});
    EXPECT_EQ(wire.substr(head),
              "5\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nChecksum: 1\t2\r\nEmpty: \r\n\r\n");
    EXPECT_EQ(
        told<http::RequestParser>(wire),
        "POST / @a 1.1 keep chunked Host=a|Transfer-Encoding=chunked|; body helloabcdefghijklmnopqrstuvwxyz; "
        "end Checksum=1\t2|Empty=|; left 0");
}

TEST(ChunkedBody, WithoutTrailers) {
    std::string wire;
    http::append_last_chunk(wire);
    EXPECT_EQ(wire, "0\r\n\r\n");
    http::append_chunk_begin(wire, 0xffffffffffffffff);
    EXPECT_EQ(wire, "0\r\n\r\nffffffffffffffff\r\n");
    EXPECT_THROW(http::append_chunk_begin(wire, 0), ValueError);
    EXPECT_EQ(wire, "0\r\n\r\nffffffffffffffff\r\n");
}

TEST(ChunkedBody, F68_no_trailer_is_sent_that_frames_or_routes) {
    for (const std::string_view name :
         {"content-LENGTH", "Transfer-Encoding", "Host", "Connection", "Authorization", "Set-Cookie"}) {
        std::string wire = "before";
        EXPECT_THROW(http::append_last_chunk(wire, Headers{{"Checksum", "1"}, {name, "a"}}), ValueError)
            << name;
        EXPECT_EQ(wire, "before");
    }
}

}  // namespace
}  // namespace aio::tests
