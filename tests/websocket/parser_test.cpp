// SPDX-License-Identifier: MIT
// Messages of WebSockets out of frames, each in all deliveries.
#include "websocket/frames.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::detail::MessageDeflater;
using http::detail::MessageInflater;
using http::detail::WebSocketParser;

struct Peer {
    bool masked = false;
    std::size_t most = 1000;
    bool compresses = false;

    WebSocketParser parser() const {
        WebSocketParser made(masked, most);
        if (compresses) made.decompress(MessageInflater(15, true));
        return made;
    }
};

std::string deliver(const Peer& peer, std::string_view wire, const std::vector<std::size_t>& cuts) {
    bool sound = true;
    std::string told = tests::deliver(peer.parser(), wire, cuts, false, sound);
    EXPECT_EQ(tests::deliver(peer.parser(), wire, cuts, true, sound), told) << "in place";
    EXPECT_TRUE(sound);
    return told;
}

/// The same whole, cut once anywhere, byte by byte and at random.
std::string told(std::string_view wire, const Peer& peer = Peer()) {
    const std::string whole = deliver(peer, wire, {});
    std::vector<std::size_t> all;
    const std::size_t stride = wire.size() / 300 + 1;
    for (std::size_t cut = 1; cut < wire.size(); ++cut) {
        all.push_back(cut);
        if (cut % stride == 0 || cut < 100) {
            EXPECT_EQ(deliver(peer, wire, {cut}), whole) << cut;
        }
    }
    EXPECT_EQ(deliver(peer, wire, all), whole) << "byte by byte";
    std::minstd_rand random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::size_t> some;
        for (const std::size_t cut : all) {
            if (random() % 11 == 0) some.push_back(cut);
        }
        EXPECT_EQ(deliver(peer, wire, some), whole) << "at random";
    }
    return whole;
}

TEST(WebSocketParserTest, TheExamplesOfTheRfc) {  // RFC 6455, 5.7
    EXPECT_EQ(told(std::string_view("\x81\x05Hello", 7)), "text Hello; ");
    EXPECT_EQ(told(std::string_view("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11), {.masked = true}),
              "text Hello; ");
    EXPECT_EQ(told(std::string_view("\x01\x03Hel\x80\x02lo", 9)), "text Hello; ");
    EXPECT_EQ(told(std::string_view("\x89\x05Hello", 7)), "ping Hello; ");
    EXPECT_EQ(told(std::string_view("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11), {.masked = true}),
              "pong Hello; ");
    const std::string bytes(256, 'b');
    EXPECT_EQ(told(std::string("\x82\x7E\x01\x00", 4) + bytes), "binary " + bytes + "; ");
    const std::string many(65536, 'b');
    EXPECT_EQ(told(std::string("\x82\x7F\0\0\0\0\0\1\0\0", 10) + many, {.most = 65536}),
              "binary " + many + "; ");
}

TEST(WebSocketParserTest, AllSizes) {
    for (const std::size_t size :
         {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 125U, 126U, 127U, 1000U, 65535U, 65536U, 70000U}) {
        std::string payload;
        for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 23);
        for (const bool masked : {false, true}) {
            const std::string wire = frame(0x82, payload, masked) + frame(0x81, "next", masked);
            const Peer peer{.masked = masked, .most = 70000};
            EXPECT_EQ(deliver(peer, wire, {}), "binary " + payload + "; text next; ") << size;
            EXPECT_EQ(deliver(peer, wire, {1, wire.size() / 2, wire.size() - 1}),
                      "binary " + payload + "; text next; ")
                << size;
        }
    }
}

// A peer need not send what it says that it will.
TEST(WebSocketParserTest, RoomGrowsWithWhatHasCome) {
    WebSocketParser parser(false, 0);
    const std::string head = RawFrame{.first = 0x82, .size = std::uint64_t{1} << 40}.str();
    EXPECT_FALSE(parser.parse(BytesView(head)));
    EXPECT_EQ(parser.room(std::size_t{1} << 41).size(), 0U);
    std::size_t sum = 0;
    for (int i = 0; i < 10; ++i) {
        const std::span<char> room = parser.room(1);
        ASSERT_EQ(room.size(), std::max<std::size_t>(64 * 1024, sum));
        const std::size_t size = i % 2 ? room.size() : 1000;
        std::fill_n(room.begin(), size, 'x');
        parser.received(size);
        EXPECT_FALSE(parser.parse({}));
        sum += size;
    }
}

TEST(WebSocketParserTest, PiecesWithControlFramesBetween) {
    EXPECT_EQ(told(frame(0x01, "a") + frame(0x89, "p") + frame(0x00, "") + frame(0x00, "b") +
                   frame(0x8A, "") + frame(0x80, "c") + frame(0x82, "")),
              "ping p; pong ; text abc; binary ; ");
    EXPECT_EQ(told(frame(0x02, "") + frame(0x80, "")), "binary ; ");
}

TEST(WebSocketParserTest, Closes) {
    EXPECT_EQ(told(frame(0x88, "")), "close 1005 ; ");
    EXPECT_EQ(told(frame(0x88, "\x03\xE8")), "close 1000 ; ");
    EXPECT_EQ(told(frame(0x88, "\x0F\xA0reason")), "close 4000 reason; ");
    EXPECT_EQ(told(frame(0x88, "\x03")), "1002 a close frame with half a code");
    EXPECT_EQ(told(frame(0x88, "\x03\xE8\xC3")), "1007 a close frame whose reason is not UTF-8");
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
        const std::string bytes{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
        EXPECT_EQ(told(frame(0x88, bytes)), "1002 a close frame with the code " + std::to_string(code));
    }
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4999}) {
        const std::string bytes{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
        EXPECT_EQ(told(frame(0x88, bytes)), "close " + std::to_string(code) + " ; ");
    }
}

TEST(WebSocketParserTest, F99_WhoMustMaskAndWhoMustNot) {
    EXPECT_EQ(told(frame(0x81, "a", true)), "1002 a frame that is masked");
    EXPECT_EQ(told(frame(0x81, "a"), {.masked = true}), "1002 a frame that is not masked");
    EXPECT_EQ(told(frame(0x89, "", true)), "1002 a frame that is masked");
    EXPECT_EQ(told(frame(0x89, ""), {.masked = true}), "1002 a frame that is not masked");
    EXPECT_EQ(told(frame(0x89, "", true) + frame(0x88, "", true), {.masked = true}), "ping ; close 1005 ; ");
}

TEST(WebSocketParserTest, WhatBreaksTheRules) {
    for (const unsigned bit : {0x10U, 0x20U, 0x40U}) {
        for (const unsigned opcode : {0x81U, 0x82U, 0x88U, 0x89U, 0x8AU, 0x80U})
            EXPECT_EQ(told(frame(opcode | bit, "")), "1002 a frame with a reserved bit");
    }
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        EXPECT_EQ(told(frame(0x80 | opcode, "")),
                  "1002 a frame with the unknown opcode " + std::to_string(opcode));
    }
    EXPECT_EQ(told(frame(0x80, "a")), "1002 the continuation of no message");
    EXPECT_EQ(told(frame(0x81, "a") + frame(0x80, "a")), "text a; 1002 the continuation of no message");
    EXPECT_EQ(told(frame(0x01, "a") + frame(0x82, "b")), "1002 a message within another one");
    for (const unsigned opcode : {0x08U, 0x09U, 0x0AU})
        EXPECT_EQ(told(frame(opcode, "")), "1002 a control frame in several pieces");
    for (const unsigned opcode : {0x88U, 0x89U, 0x8AU}) {
        EXPECT_EQ(told(frame(opcode, std::string(126, 'x'))), "1002 a control frame of 126 bytes");
    }
    EXPECT_EQ(told(frame(0x89, std::string(125, 'x'))), "ping " + std::string(125, 'x') + "; ");
}

TEST(WebSocketParserTest, SizesThatAreNotWrittenInTheShortestWay) {
    const std::string refused = "1002 a frame whose size is not written in the shortest way";
    EXPECT_EQ(told(RawFrame{.payload = "a", .size7 = 126}.str()), refused);
    EXPECT_EQ(told(RawFrame{.payload = std::string(125, 'a'), .size7 = 126}.str()), refused);
    EXPECT_EQ(told(RawFrame{.payload = "a", .size7 = 127}.str()), refused);
    EXPECT_EQ(told(RawFrame{.first = 0x82, .size7 = 127, .size = 65535}.str()), refused);
    EXPECT_EQ(told(RawFrame{.first = 0x82, .size = std::uint64_t{1} << 63}.str()),
              "1002 a frame of more than 2^63 bytes");
}

// It is refused when it is announced, before anything of it is kept.
TEST(WebSocketParserTest, MessagesHaveALimit) {
    const std::string refused = "1009 a message has more than 1000 bytes";
    EXPECT_EQ(told(frame(0x82, std::string(1000, 'a'))), "binary " + std::string(1000, 'a') + "; ");
    EXPECT_EQ(told(RawFrame{.first = 0x82, .size = 1001}.str()), refused);
    EXPECT_EQ(told(RawFrame{.first = 0x82, .size = (std::uint64_t{1} << 63) - 1}.str()), refused);
    EXPECT_EQ(told(frame(0x02, std::string(600, 'a')) + RawFrame{.first = 0x80, .size = 401}.str()), refused);
    EXPECT_EQ(told(frame(0x02, std::string(600, 'a')) + frame(0x80, std::string(400, 'a'))),
              "binary " + std::string(1000, 'a') + "; ");
    EXPECT_EQ(told(frame(0x82, std::string(5000, 'a')), {.most = 0}),
              "binary " + std::string(5000, 'a') + "; ");
}

TEST(WebSocketParserTest, TextsAreUtf8) {
    const std::string refused = "1007 a text that is not UTF-8";
    const std::string_view good = "\xCE\xBA\xE1\xBD\xB9\xF0\x9F\x98\x80 plain";
    EXPECT_EQ(told(frame(0x81, good)), "text " + std::string(good) + "; ");
    for (std::size_t cut = 0; cut <= good.size(); ++cut) {  // within a character, too
        EXPECT_EQ(told(frame(0x01, good.substr(0, cut)) + frame(0x89, "") + frame(0x80, good.substr(cut))),
                  "ping ; text " + std::string(good) + "; ");
    }
    for (const std::string bad :
         {"\x80", "a\xFF", "\xC0\x80", "\xC3\x28", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "12345678\xFE"}) {
        EXPECT_EQ(told(frame(0x81, bad)), refused) << bad;
        EXPECT_EQ(told(frame(0x82, bad)), "binary " + bad + "; ");
    }
    EXPECT_EQ(told(frame(0x81, "abc\xE1\xBD")), "1007 a text that ends within a character");
    EXPECT_EQ(told(frame(0x01, "abc\xE1\xBD") + frame(0x81, "")), "1002 a message within another one");
    // At the first byte that cannot be right, not at the message's end.
    EXPECT_EQ(told(RawFrame{.first = 0x01, .payload = "ab\xFF", .size = 900}.str()), refused);
}

std::string compressed(MessageDeflater& deflater, std::string_view message) {
    std::string out;
    deflater.feed(message, true, out);
    return out;
}

TEST(WebSocketParserTest, CompressedMessages) {
    const Peer peer{.most = 1000, .compresses = true};
    MessageDeflater deflater(15, true);
    std::string wire;
    std::string expected;
    for (const std::string message : {"Hello", "Hello", "", "", "Hello, Hello, Hello"}) {
        const std::string coded = compressed(deflater, message);
        wire += frame(0x41, coded.substr(0, 1)) + frame(0x89, "") + frame(0x80, coded.substr(1)) +
                frame(0x82, "plain");
        expected += "ping ; text " + message + "; binary plain; ";
    }
    EXPECT_EQ(told(wire, peer), expected);
    EXPECT_EQ(told(frame(0xC2, compressed(deflater, "x")) + frame(0xC1, "")).substr(0, 4), "1002");
    EXPECT_EQ(told(frame(0x01, "a") + frame(0xC0, "b"), peer), "1002 a frame with a reserved bit");
    EXPECT_EQ(told(frame(0xC9, ""), peer), "1002 a frame with a reserved bit");
}

TEST(WebSocketParserTest, TheExamplesOfCompression) {  // RFC 7692, 7.2.3
    const Peer peer{.most = 1000, .compresses = true};
    EXPECT_EQ(told(frame(0xC1, std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7)) +
                       frame(0xC1, std::string_view("\xf2\x00\x11\x00\x00", 5)),
                   peer),
              "text Hello; text Hello; ");
    EXPECT_EQ(told(frame(0xC1, std::string_view("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11)), peer),
              "text Hello; ");
    EXPECT_EQ(told(frame(0xC1, std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8)) +
                       frame(0xC1, std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00", 7)) +
                       frame(0xC1, std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7)),
                   peer),
              "text Hello; text Hello; text Hello; ");
    EXPECT_EQ(
        told(frame(0xC1, std::string_view("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13)), peer),
        "text Hello; ");
    EXPECT_EQ(told(frame(0xC1, std::string_view("\0", 1)), peer), "text ; ");
}

TEST(WebSocketParserTest, CompressedMessagesHaveTheSameLimits) {
    const Peer peer{.most = 1000, .compresses = true};
    const auto wire = [](std::string_view message, unsigned first) {
        MessageDeflater deflater(15, true);
        return frame(first, compressed(deflater, message));
    };
    const std::string refused = "1009 a message has more than 1000 bytes";
    EXPECT_EQ(told(wire(std::string(1000, 'a'), 0xC2), peer), "binary " + std::string(1000, 'a') + "; ");
    EXPECT_EQ(told(wire(std::string(1001, 'a'), 0xC2), peer), refused);
    EXPECT_EQ(deliver(peer, wire(std::string(100'000'000, 'a'), 0xC2), {}), refused);
    EXPECT_EQ(told(wire("a\xFF", 0xC1), peer), "1007 a text that is not UTF-8");
    EXPECT_EQ(told(frame(0xC1, "\xFF\xFF\xFF"), peer).substr(0, 29), "1007 corrupted compressed mes");
}

}  // namespace
}  // namespace aio::tests
