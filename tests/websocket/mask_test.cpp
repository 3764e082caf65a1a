// SPDX-License-Identifier: MIT
#include <aio/websocket/mask_impl.hpp>

#include <cstddef>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using namespace http::detail;

TEST(WebSocketMaskTest, TheSameAsByteByByte) {
    const MaskKey key = 0x1234'ABCD;
    for (std::size_t size = 0; size < 70; ++size) {
        for (std::uint64_t at = 0; at < 9; ++at) {
            for (std::size_t offset = 0; offset < 9; ++offset) {  // wherever the bytes lie
                std::string bytes(offset + size + 1, 'x');
                for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 37);
                std::string expected = bytes;
                for (std::size_t i = 0; i < size; ++i) {
                    const auto mask = static_cast<unsigned char>(key >> 8 * ((at + i) % 4));
                    expected[offset + i] =
                        static_cast<char>(static_cast<unsigned char>(bytes[offset + i]) ^ mask);
                }
                std::string copy = bytes;
                apply_mask(copy.data() + offset, bytes.data() + offset, size, key, at);
                EXPECT_EQ(copy, expected) << size << " " << at << " " << offset;
                apply_mask(bytes.data() + offset, bytes.data() + offset, size, key, at);
                EXPECT_EQ(bytes, expected) << size << " " << at << " " << offset;
            }
        }
    }
}

TEST(WebSocketMaskTest, F99_KeysAreFreshAndOfAllBits) {
    MaskKeys keys;
    std::set<MaskKey> seen;
    MaskKey ones = 0;
    MaskKey zeros = 0;
    for (int i = 0; i < 10'000; ++i) {
        const MaskKey key = keys.next();
        seen.insert(key);
        ones |= key;
        zeros |= ~key;
    }
    EXPECT_GT(seen.size(), 9'980U);  // of 2^32 about a hundredth of one comes twice
    EXPECT_EQ(ones, ~MaskKey{});
    EXPECT_EQ(zeros, ~MaskKey{});
}

}  // namespace
}  // namespace aio::tests
