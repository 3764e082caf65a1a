// SPDX-License-Identifier: MIT
#include <aio/streams/detail/stream_buffer.hpp>

#include <support/heap.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <random>
#include <string>
#include <type_traits>

namespace aio::tests {
namespace {

using detail::StreamBuffer;

static_assert(!std::is_copy_constructible_v<StreamBuffer>);

TEST(StreamBuffer, TakesFromTheFront) {
    StreamBuffer buffer;
    EXPECT_TRUE(buffer.empty());
    EXPECT_EQ(buffer.take(5), "");
    buffer.append("hello ");
    buffer.append("world");
    EXPECT_EQ(buffer.size(), 11u);
    EXPECT_EQ(buffer.take(6), "hello ");
    EXPECT_EQ(buffer.view().text(), "world");
    buffer.consume(2);
    EXPECT_EQ(buffer.take(100), "rld");
    EXPECT_TRUE(buffer.empty());
}

TEST(StreamBuffer, AnEmptyOneHoldsNoMemory) {
    const std::size_t before = allocated_bytes();
    StreamBuffer buffer;
    buffer.append(std::string(1'000'000, 'x'));
    while (!buffer.empty()) buffer.consume(100'000);
    EXPECT_LT(allocated_bytes(), before + 100'000);
}

TEST(StreamBuffer, TakingAllOfALargeOneCopiesNothing) {
    StreamBuffer buffer;
    const std::span<char> room = buffer.grow(64 * 1024);
    std::fill(room.begin(), room.end(), 'x');
    buffer.commit(60 * 1024);
    const char* const place = buffer.view().data();
    const std::string all = buffer.take(100 * 1024);
    EXPECT_EQ(all.data(), place);
    EXPECT_EQ(all, std::string(60 * 1024, 'x'));
}

TEST(StreamBuffer, AStringMuchTooLargeIsNotGivenAway) {
    StreamBuffer buffer;
    buffer.grow(64 * 1024)[0] = 'x';
    buffer.commit(1);
    EXPECT_LT(buffer.take(1).capacity(), 1000u);
}

TEST(StreamBuffer, RoomThatWasNotUsedIsForgotten) {
    StreamBuffer buffer;
    buffer.append("a");
    buffer.grow(1000);
    buffer.append("b");
    buffer.grow(1000);
    buffer.grow(10);
    EXPECT_EQ(buffer.view().text(), "ab");
    EXPECT_EQ(buffer.take(2), "ab");
    buffer.grow(100);
    EXPECT_EQ(buffer.take(2), "");
}

TEST(StreamBuffer, PutsBackInFront) {
    StreamBuffer buffer;
    buffer.put_back("b");
    buffer.append("c");
    buffer.put_back("a");
    EXPECT_EQ(buffer.take(1), "a");
    buffer.put_back("A");
    EXPECT_EQ(buffer.take(9), "Abc");
}

TEST(StreamBuffer, BehavesLikeAString) {
    std::mt19937 random(1);
    StreamBuffer buffer;
    std::string model;
    for (int step = 0; step < 20000; ++step) {
        const std::size_t size = random() % (step % 100 == 0 ? 100000 : 300);
        const std::string text(size, static_cast<char>('a' + random() % 26));
        switch (random() % 5) {
            case 0:
                buffer.append(text);
                model += text;
                break;
            case 1: {
                const std::span<char> room = buffer.grow(size + 10);
                std::copy(text.begin(), text.end(), room.begin());
                buffer.commit(size);
                model += text;
                break;
            }
            case 2:
                ASSERT_EQ(buffer.take(size), model.substr(0, size));
                model.erase(0, size);
                break;
            case 3: {
                const std::size_t count = std::min(size, model.size());
                buffer.consume(count);
                model.erase(0, count);
                break;
            }
            default:
                if (size % 7 == 0) {
                    buffer.put_back(text);
                    model.insert(0, text);
                }
        }
        ASSERT_EQ(buffer.view().text(), model);
    }
}

}  // namespace
}  // namespace aio::tests
