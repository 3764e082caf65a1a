// SPDX-License-Identifier: MIT
// Frames of WebSockets: however they are cut the messages are the same, and none exceeds its limit. What is
// compressed can be read again, and nothing in a handshake is more than refused. The first byte says which of
// it is tried.
#include "fuzz/fuzz.hpp"
#include "websocket/frames.hpp"

#include <aio/websocket/handshake_impl.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using namespace http::detail;

constexpr std::size_t kMost = 300;

void try_frames(std::string_view wire, bool masked, bool compressed, bool takes_over) {
    const auto run = [&](const std::vector<std::size_t>& cuts, bool in_place) {
        WebSocketParser parser(masked, kMost);
        if (compressed) parser.decompress(MessageInflater(15, takes_over));
        bool sound = true;
        std::string told = deliver(std::move(parser), wire, cuts, in_place, sound);
        require(sound, "only missing bytes are asked for");
        return told;
    };
    const std::string whole = run({}, false);
    std::vector<std::size_t> all;
    std::size_t sum = 0;
    for (std::size_t cut = 1; cut < wire.size(); ++cut) {
        all.push_back(cut);
        sum += static_cast<unsigned char>(wire[cut]);
    }
    for (const bool in_place : {false, true}) {
        require(run(all, in_place) == whole, "byte by byte it is the same");
        if (!all.empty()) require(run({all[sum % all.size()]}, in_place) == whole, "cut once it is the same");
    }
}

void try_deflate(std::string_view text, bool takes_over) {
    MessageDeflater deflater(9, takes_over);
    MessageInflater inflater(9, takes_over);
    for (std::size_t begin = 0; begin <= text.size(); begin += 1 + text.size() / 3) {
        const std::string_view message = text.substr(begin, 1 + text.size() / 3);
        std::string coded;
        std::string decoded;
        const std::string_view begin_of_it = message.substr(0, message.size() / 2);
        if (begin % 2) deflater.feed(begin_of_it, false, coded);
        deflater.feed(begin % 2 ? message.substr(begin_of_it.size()) : message, true, coded);
        inflater.inflate(coded, decoded, message.size());
        inflater.finish(decoded, message.size());
        require(decoded == message, "what is compressed comes out again");
    }
}

void try_handshake(std::string_view text) {
    is_websocket_key(text);
    const std::string answer = websocket_accept(text);
    require(answer.size() == 28 && !breaks_lines(answer), "an answer to a key is base64");
    for (const int bits : {9, 15}) {
        if (const auto params = accept_deflate(text, bits)) {
            require(params->server_max_window_bits <= bits, "no larger window than the server's");
            require(!breaks_lines(deflate_answer(*params)), "an answer is one line");
        }
        may_refuse([&] { read_deflate_answer(text, bits); });
    }
    const std::vector<std::string> known{"chat", "v2"};
    choose_protocol(text, known);
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    if (size == 0) return 0;
    const unsigned kind = data[0];
    const std::string_view text = text_of(data + 1, size - 1);
    switch (kind % 8) {
        case 6:
            try_deflate(text, kind & 8);
            break;
        case 7:
            try_handshake(text);
            break;
        default:
            try_frames(text, kind & 1, kind % 8 >= 2, kind % 8 >= 4);
    }
    return 0;
}
