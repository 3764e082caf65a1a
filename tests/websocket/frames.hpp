// SPDX-License-Identifier: MIT
#pragma once

#include <aio/websocket/parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Frames that a test makes by hand, and what a parser makes of them; without GoogleTest, for fuzzers too.
namespace aio::tests {

using http::WebSocketError;
using http::WSMessage;
using http::WSMsgType;

inline constexpr http::detail::MaskKey kKey = 0x3D21'FA37;

/// A frame bit by bit: also such as must not be sent.
struct RawFrame {
    unsigned first = 0x81;  ///< FIN, RSV and opcode
    std::string payload = {};
    bool masked = false;
    std::optional<unsigned> size7 = {};      ///< what the second byte says, where it is not the shortest way
    std::optional<std::uint64_t> size = {};  ///< what the head says, where it is not the truth

    std::string str() const {
        const std::uint64_t said = size.value_or(payload.size());
        const unsigned seven = size7.value_or(said < 126     ? static_cast<unsigned>(said)
                                              : said < 65536 ? 126
                                                             : 127);
        std::string text;
        text += static_cast<char>(first);
        text += static_cast<char>(seven | (masked ? 0x80 : 0));
        for (int shift = seven == 127 ? 56 : seven == 126 ? 8 : -8; shift >= 0; shift -= 8)
            text += static_cast<char>(said >> shift & 0xFF);
        if (!masked) return text + payload;
        for (unsigned i = 0; i < 4; ++i) text += static_cast<char>(kKey >> 8 * i & 0xFF);
        for (std::size_t i = 0; i < payload.size(); ++i)
            text += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ (kKey >> 8 * (i % 4) & 0xFF));
        return text;
    }
};

inline std::string frame(unsigned first, std::string_view payload, bool masked = false) {
    return RawFrame{first, std::string(payload), masked}.str();
}

inline std::string text_of(const WSMessage& message) {
    const auto type = static_cast<unsigned>(message.type());
    const std::string name = type == 1   ? "text"
                             : type == 2 ? "binary"
                             : type == 8 ? "close"
                             : type == 9 ? "ping"
                                         : "pong";
    return name + (message.code() ? " " + std::to_string(message.code()) : "") + " " + message.data();
}

/// What a parser tells of `wire`, whose pieces end at `cuts`; each time from new memory, or `in_place` into
/// its room, as far as it has some. `sound` becomes false if it asks for bytes that it has.
inline std::string deliver(http::detail::WebSocketParser parser, std::string_view wire,
                           const std::vector<std::size_t>& cuts, bool in_place, bool& sound) {
    std::string log;
    std::string left;
    const auto take = [&] {
        for (;;) {
            const std::unique_ptr<char[]> memory(new char[left.size()]);
            left.copy(memory.get(), left.size());
            const bool complete = parser.parse({memory.get(), left.size()});
            left.erase(0, parser.consumed());
            if (!complete) {
                sound = sound && parser.wanted() > left.size();
                return;
            }
            log += text_of(parser.message()) + "; ";
        }
    };
    const auto arrive = [&](std::string_view piece) {
        while (in_place && !piece.empty()) {
            parser.room(1);  // which nobody uses
            const std::span<char> room = parser.room(1);
            if (room.empty()) break;
            const std::size_t size = piece.copy(room.data(), room.size());
            piece.remove_prefix(size);
            parser.received(size);
            take();
        }
        left += piece;
        take();
        if (in_place) parser.room(1);
    };
    try {
        std::size_t begin = 0;
        for (const std::size_t cut : cuts) {
            arrive(wire.substr(begin, cut - begin));
            begin = cut;
        }
        arrive(wire.substr(begin));
    } catch (const WebSocketError& error) {
        return log + std::to_string(error.code()) + " " + error.what();
    }
    return log;
}

}  // namespace aio::tests
