// SPDX-License-Identifier: MIT
#include <aio/streams/detail/read_arena.hpp>
#include <aio/streams/detail/stream_buffer.hpp>

#include <gtest/gtest.h>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using detail::LentBytes;
using detail::ReadArena;
using detail::StreamBuffer;

// As a connection does: receives `text` into the arena, for `buffer`.
void receive(ReadArena& arena, StreamBuffer& buffer, const std::string& text) {
    const std::span<char> room = arena.reserve();
    ASSERT_LE(text.size(), room.size());
    std::memcpy(room.data(), text.data(), text.size());
    buffer.receive(arena, text.size());
}

// As a reader does: what is borrowed stays in the buffer's memory until that is needed.
struct Borrower {
    StreamBuffer buffer;
    LentBytes aside;
    BytesView view;
    bool in_place = false;

    void borrow() {
        end();
        view = buffer.lend();
        in_place = !view.empty();
        if (!in_place) view = buffer.lend_from(aside);
    }
    void end() {
        if (std::exchange(in_place, false)) buffer.end_lent();
        aside.end();
        view = {};
    }
    void change() {
        if (std::exchange(in_place, false)) buffer.set_aside(aside);
    }
};

std::string message(unsigned number, std::size_t size) {
    std::string text = std::to_string(number) + ":";
    text.resize(size, static_cast<char>('a' + number % 26));
    return text;
}

TEST(ReadArena, BeginsAnewWhenTheLastLoanEnds) {
    ReadArena arena;
    StreamBuffer a;
    StreamBuffer b;
    const char* const first = arena.reserve().data();
    receive(arena, a, "one");
    receive(arena, b, "two");
    EXPECT_NE(arena.reserve().data(), first);
    EXPECT_EQ(a.take(10), "one");
    EXPECT_NE(arena.reserve().data(), first);
    EXPECT_EQ(b.take(10), "two");
    EXPECT_EQ(arena.reserve().data(), first);
}

TEST(ReadArena, EvictsTheOldestLoansWhenItIsFull) {
    ReadArena arena;
    StreamBuffer slow;
    receive(arena, slow, "unread");
    const char* const before = slow.view().data();
    std::deque<StreamBuffer> others(200);
    for (unsigned i = 0; i < others.size(); ++i) receive(arena, others[i], message(i, 8000));
    EXPECT_NE(slow.view().data(), before);
    EXPECT_EQ(slow.view().text(), "unread");
    for (unsigned i = 0; i < others.size(); ++i) EXPECT_EQ(others[i].take(10000), message(i, 8000));
}

// The ring begins anew before its last 16 KiB, but not before it has come past that.
TEST(ReadArena, WhatIsLeftOfALoanMayBeginAtTheRingsEnd) {
    constexpr std::size_t kMost = ReadArena::kRoom;
    constexpr unsigned kWhole = ReadArena::kSize / kMost;
    ReadArena arena;
    StreamBuffer last;
    {
        std::deque<StreamBuffer> first(kWhole - 1);
        for (unsigned i = 0; i < first.size(); ++i) receive(arena, first[i], message(i, kMost));
        receive(arena, last, message(100, kMost));
    }
    last.consume(kMost - 400);
    std::deque<StreamBuffer> next(kWhole - 2);
    for (unsigned i = 0; i < next.size(); ++i) receive(arena, next[i], message(i, kMost));
    StreamBuffer some;
    receive(arena, some, message(101, kMost - 1000));
    StreamBuffer more;
    receive(arena, more, message(102, 2000));
    StreamBuffer beyond;
    receive(arena, beyond, message(103, kMost));
    for (unsigned i = 0; i < next.size(); ++i) EXPECT_EQ(next[i].take(kMost), message(i, kMost)) << i;
    EXPECT_EQ(some.take(kMost), message(101, kMost - 1000));
    EXPECT_EQ(more.take(kMost), message(102, 2000));
    EXPECT_EQ(beyond.take(kMost), message(103, kMost));
    EXPECT_EQ(last.take(kMost), message(100, kMost).substr(kMost - 400));
}

TEST(ReadArena, PinnedBytesStayWhereTheyAre) {
    ReadArena arena;
    Borrower source;
    receive(arena, source.buffer, "borrowed");
    source.borrow();
    EXPECT_TRUE(source.in_place);
    EXPECT_TRUE(source.buffer.empty());
    const char* const place = source.view.data();
    StreamBuffer other;
    for (unsigned i = 0; i < 1000; ++i) {
        if (i == 500) source.change();
        other.clear();
        receive(arena, other, message(i, 5000));
        ASSERT_EQ(source.view.text(), "borrowed");
        ASSERT_EQ(other.view().text(), message(i, 5000));
    }
    EXPECT_EQ(source.view.data(), place);
    receive(arena, source.buffer, "next");
    EXPECT_EQ(source.view.text(), "borrowed");
    source.end();
    EXPECT_EQ(source.buffer.take(10), "next");
}

TEST(ReadArena, OnlyAFewLoansCanBePinned) {
    ReadArena arena;
    std::deque<Borrower> sources(100);
    for (unsigned i = 0; i < 100; ++i) {
        receive(arena, sources[i].buffer, message(i, 3000));
        sources[i].borrow();
    }
    EXPECT_TRUE(sources.front().in_place);
    EXPECT_FALSE(sources.back().in_place);
    for (unsigned i = 0; i < 100; ++i) EXPECT_EQ(sources[i].view.text(), message(i, 3000));
}

TEST(ReadArena, BytesSurviveTheArena) {
    StreamBuffer buffer;
    {
        ReadArena arena;
        receive(arena, buffer, "survivor");
    }
    EXPECT_EQ(buffer.take(100), "survivor");
}

// Whatever the order of receiving, reading and borrowing: nobody's bytes are overwritten.
TEST(ReadArena, RandomUseKeepsEverybodysBytes) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        ReadArena arena;
        constexpr std::size_t kReaders = 60;
        std::deque<Borrower> readers(kReaders);
        std::vector<std::string> expected(kReaders);
        std::vector<std::string> borrowed(kReaders);
        for (unsigned step = 0; step < 5000; ++step) {
            const std::size_t i = random() % kReaders;
            switch (random() % 9) {
                default: {
                    if (expected[i].size() > 100000) break;
                    const std::size_t size = random() % 4 ? 2000 : ReadArena::kRoom;
                    const std::string text = message(step, random() % 8 ? 1 + random() % size : size);
                    readers[i].change();
                    receive(arena, readers[i].buffer, text);
                    expected[i] += text;
                    break;
                }
                case 0:
                case 1: {
                    const std::size_t count = random() % 20000;
                    readers[i].change();
                    ASSERT_EQ(readers[i].buffer.take(count), expected[i].substr(0, count))
                        << seed << " " << step;
                    expected[i].erase(0, count);
                    break;
                }
                case 2:
                    readers[i].borrow();
                    borrowed[i] = std::exchange(expected[i], "");
                    break;
                case 3:
                    readers[i].end();
                    borrowed[i].clear();
                    break;
                case 4: {
                    const std::size_t count = random() % (expected[i].size() + 1);
                    readers[i].change();
                    readers[i].buffer.consume(count);
                    expected[i].erase(0, count);
                    break;
                }
            }
            ASSERT_EQ(readers[i].buffer.view().text(), expected[i]) << seed << " " << step;
            ASSERT_EQ(readers[i].view.text(), borrowed[i]) << seed << " " << step;
        }
        for (std::size_t i = 0; i < kReaders; ++i) {
            ASSERT_EQ(readers[i].buffer.view().text(), expected[i]);
            ASSERT_EQ(readers[i].view.text(), borrowed[i]);
        }
    }
}

}  // namespace
}  // namespace aio::tests
