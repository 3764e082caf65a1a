// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/websocket/deflate_impl.hpp>
#include <aio/websocket/handshake_impl.hpp>
#include <aio/websocket/message.hpp>

#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using namespace http::detail;

TEST(WebSocketHandshakeTest, Keys) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
    std::set<std::string> keys;
    for (int i = 0; i < 1000; ++i) {
        const std::string key = make_websocket_key();
        EXPECT_TRUE(is_websocket_key(key)) << key;
        keys.insert(key);
    }
    EXPECT_EQ(keys.size(), 1000U);
    for (const char* bad :
         {"", "abc", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZ===",
          "dGhlIHNhbXBsZSBub25j\nQ==", "dGhlIHNhbXBsZSBub25jZQ= ="}) {
        EXPECT_FALSE(is_websocket_key(bad)) << bad;
    }
}

TEST(WebSocketHandshakeTest, Protocols) {
    const std::vector<std::string> known{"chat", "superchat"};
    EXPECT_EQ(choose_protocol("superchat, chat", known), "superchat");
    EXPECT_EQ(choose_protocol("other,chat", known), "chat");
    EXPECT_EQ(choose_protocol("Chat", known), std::nullopt);
    EXPECT_EQ(choose_protocol("", known), std::nullopt);
    EXPECT_EQ(choose_protocol("chat", {}), std::nullopt);
}

std::string accepted(std::string_view extensions, int bits = 15) {
    const auto params = accept_deflate(extensions, bits);
    return params ? deflate_answer(*params) : "none";
}

TEST(WebSocketHandshakeTest, ServersTakeTheFirstOfferThatTheyCan) {
    EXPECT_EQ(accepted("permessage-deflate"), "permessage-deflate");
    EXPECT_EQ(accepted("Permessage-Deflate; client_max_window_bits"), "permessage-deflate");
    EXPECT_EQ(accepted(deflate_offer(15)), "permessage-deflate");
    EXPECT_EQ(accepted(deflate_offer(10)),
              "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10");
    EXPECT_EQ(accepted("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    EXPECT_EQ(accepted("permessage-deflate; server_max_window_bits=\"11\"; client_max_window_bits = 8"),
              "permessage-deflate; server_max_window_bits=11; client_max_window_bits=8");
    EXPECT_EQ(accepted("permessage-deflate; server_max_window_bits=12", 10),
              "permessage-deflate; server_max_window_bits=10");
    EXPECT_EQ(accepted("foo, permessage-deflate; bar, permessage-deflate; server_max_window_bits=8, "
                       "permessage-deflate; server_max_window_bits=9"),
              "permessage-deflate; server_max_window_bits=9");
}

TEST(WebSocketHandshakeTest, OffersThatAreRefused) {
    EXPECT_EQ(accepted(""), "none");
    for (const char* parameter :
         {"foo", "server_no_context_takeover=1", "client_no_context_takeover=true", "server_max_window_bits",
          "server_max_window_bits=", "server_max_window_bits=7", "server_max_window_bits=16",
          "server_max_window_bits=010", "server_max_window_bits=1x", "client_max_window_bits=0",
          "client_max_window_bits=16", "server_max_window_bits=10; server_max_window_bits=11",
          "client_max_window_bits=10 11", "=", "\"x\"",
          "server_no_context_takeover; server_no_context_takeover"}) {
        EXPECT_EQ(accepted(std::string("permessage-deflate; ") + parameter), "none") << parameter;
    }
}

TEST(WebSocketHandshakeTest, ClientsReadWhatTheyHaveOffered) {
    EXPECT_EQ(read_deflate_answer("", 15), std::nullopt);
    EXPECT_EQ(read_deflate_answer("permessage-deflate", 15), DeflateParams());
    const auto small =
        read_deflate_answer("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", 10);
    ASSERT_TRUE(small);
    EXPECT_EQ(small->server_max_window_bits, 10);
    EXPECT_EQ(small->client_max_window_bits, 9);
    const auto takeover =
        read_deflate_answer("permessage-deflate; server_no_context_takeover; client_no_context_takeover", 15);
    ASSERT_TRUE(takeover);
    EXPECT_TRUE(takeover->server_no_context_takeover && takeover->client_no_context_takeover);
    for (const char* bad :
         {"foo", "permessage-deflate, permessage-deflate", "permessage-deflate, foo",
          "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=8",
          "permessage-deflate; server_max_window_bits=16", "permessage-deflate; foo=1",
          "permessage-deflate; server_no_context_takeover=1"}) {
        EXPECT_THROW(read_deflate_answer(bad, 15), ValueError) << bad;
    }
    EXPECT_THROW(read_deflate_answer("permessage-deflate", 10), ValueError);
    EXPECT_THROW(read_deflate_answer("permessage-deflate; server_max_window_bits=11", 10), ValueError);
}

// Whatever the two agree on: what one has compressed the other reads.
TEST(WebSocketDeflateTest, AllWindowsWithAndWithoutTakeover) {
    std::mt19937 random(16);
    for (int bits = DeflateParams::kLeastBits; bits <= DeflateParams::kMostBits; ++bits) {
        for (const bool takes_over : {true, false}) {
            MessageDeflater deflater(bits, takes_over);
            MessageInflater inflater(bits, takes_over);
            std::string before = "nothing";
            for (int i = 0; i < 30; ++i) {
                std::string message = i % 5 == 0 ? before : std::string();
                const std::size_t size = random() % (i % 7 == 0 ? 100'000 : 300);
                for (std::size_t at = 0; at < size; ++at)
                    message += static_cast<char>('a' + random() % static_cast<unsigned>(1 + i % 20));
                if (i % 4 == 3) deflater.isolate(9 + static_cast<int>(random() % 7));
                std::string coded;
                std::string_view uncoded = message;
                for (; i % 3 == 0 && uncoded.size() > 40'000; uncoded.remove_prefix(40'000))
                    deflater.feed(uncoded.substr(0, 40'000), false, coded);
                deflater.feed(uncoded, true, coded);
                std::string decoded;
                std::string_view rest = coded;
                while (!rest.empty()) {
                    const std::size_t piece = 1 + random() % 5000;
                    inflater.inflate(rest.substr(0, piece), decoded, message.size());
                    rest.remove_prefix(std::min(piece, rest.size()));
                }
                inflater.finish(decoded, message.size());
                EXPECT_EQ(decoded, message) << bits;
                before = std::move(message);
            }
        }
    }
}

// A message that was compressed and then not sent must not be missed.
TEST(WebSocketDeflateTest, WhatWasNotSentIsForgotten) {
    MessageDeflater deflater(15, true);
    MessageInflater inflater(15, true);
    for (const bool is_sent : {true, false, true, false, false, true}) {
        const std::string message = "always the same, always the same";
        std::string coded;
        deflater.feed(message, true, coded);
        if (!is_sent) {
            deflater.forget();
            continue;
        }
        std::string decoded;
        inflater.inflate(coded, decoded, message.size());
        inflater.finish(decoded, message.size());
        EXPECT_EQ(decoded, message);
    }
}

TEST(WebSocketDeflateTest, TakeoverMakesTheSameMessageShort) {
    const std::string message = "a message that nobody has seen before, 0123456789";
    for (const bool takes_over : {true, false}) {
        MessageDeflater deflater(15, takes_over);
        std::string first;
        std::string second;
        deflater.feed(message, true, first);
        deflater.feed(message, true, second);
        if (takes_over) {
            EXPECT_LT(second.size(), first.size() / 2);
        } else {
            EXPECT_EQ(second, first);
        }
    }
}

// A block may call itself the last one, with or without what RFC 7692 would have behind it.
TEST(WebSocketDeflateTest, BlocksThatCallThemselvesTheLast) {
    MessageInflater inflater(15, true);
    for (const std::string_view coded : {std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00", 7),
                                         std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8),
                                         std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7)}) {
        std::string out;
        inflater.inflate(coded, out, 100);
        inflater.finish(out, 100);
        EXPECT_EQ(out, "Hello");
    }
}

}  // namespace
}  // namespace aio::tests
