// SPDX-License-Identifier: MIT
#include <streams/reader_support.hpp>

#include <aio/base/pool.hpp>

#include <time.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_copy_constructible_v<StreamReader>);
static_assert(std::is_nothrow_move_constructible_v<StreamReader>);
static_assert(sizeof(StreamReader) == sizeof(void*));

TEST_F(StreamReaderTest, LimitMustNotBeZero) {
    EXPECT_EQ(thrown<ValueError>([] { StreamReader(0); }), "Limit cannot be <= 0");
    EXPECT_EQ(StreamReader().limit(), 65536u);
    EXPECT_EQ(StreamReader(7).limit(), 7u);
}

TEST_F(StreamReaderTest, HandlesShareTheStream) {
    run([&]() -> Coro<> {
        const StreamReader a;
        const StreamReader b = a;
        EXPECT_EQ(a, b);
        EXPECT_NE(a, StreamReader());
        a.feed_data("x");
        EXPECT_EQ(b.buffered().text(), "x");
        EXPECT_EQ(co_await b.read(1), "x");
        EXPECT_TRUE(a.buffered().empty());
    });
}

// --- what each read waits for -------------------------------------------------------------------------

TEST_F(StreamReaderTest, EveryReadWaitsForItsData) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto some = co_await start(r.read(10));
        r.feed_data("abc");
        EXPECT_EQ(co_await some, "abc");
        auto exactly = co_await start(r.readexactly(4));
        r.feed_data("ab");
        co_await sleep(0s);
        r.feed_data("cdef");
        EXPECT_EQ(co_await exactly, "abcd");
        EXPECT_EQ(co_await r.read(10), "ef");
        auto line = co_await start(r.readline());
        r.feed_data("no ");
        co_await sleep(0s);
        r.feed_data("end\nrest");
        EXPECT_EQ(co_await line, "no end\n");
        EXPECT_EQ(co_await r.read(10), "rest");
        auto until = co_await start(r.readuntil("--"));
        r.feed_data("a-b-");
        co_await sleep(0s);
        r.feed_data("-c");
        EXPECT_EQ(co_await until, "a-b--");
        EXPECT_EQ(co_await r.read(10), "c");
        std::array<char, 4> memory{};
        auto into = co_await start(r.read_into(memory));
        r.feed_data("123456");
        EXPECT_EQ(co_await into, 4u);
        EXPECT_EQ(std::string(memory.data(), 4), "1234");
        EXPECT_EQ(co_await r.read(10), "56");
        auto view = co_await start(r.read_view());
        r.feed_data("seen");
        EXPECT_EQ((co_await view).text(), "seen");
        auto all = co_await start(r.read());
        r.feed_data("the ");
        co_await sleep(0s);
        r.feed_data("end");
        r.feed_eof();
        EXPECT_EQ(co_await all, "the end");
        EXPECT_TRUE(r.at_eof());
    });
}

TEST_F(StreamReaderTest, WaitingAndReadyReadsAllocateNothing) {
    run([&]() -> Coro<> {
        StreamReader r;
        std::array<char, 16> memory{};
        const auto once = [&]() -> Coro<std::int64_t> {
            const auto before = pool::stats().fresh_blocks;
            for (int i = 0; i < 100; ++i) {
                loop().call_soon([&r] { r.feed_data("a\nbb"); });
                const std::string line = co_await r.readline();
                const std::string two = co_await r.readexactly(2);
                loop().call_soon([&r] { r.feed_data("cc"); });
                const std::size_t count = co_await r.read_into(memory);
                EXPECT_EQ(line.size() + two.size() + count, 6u);
            }
            co_return pool::stats().fresh_blocks - before;
        };
        co_await once();
        EXPECT_EQ(co_await once(), 0);
    });
}

TEST_F(StreamReaderTest, ReadViewStaysValidWhileMoreArrives) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("first");
        const BytesView first = co_await r.read_view();
        r.feed_data("second");
        EXPECT_EQ(first.text(), "first");
        const BytesView second = co_await r.read_view();
        EXPECT_EQ(second.text(), "second");
        r.feed_eof();
        EXPECT_TRUE((co_await r.read_view()).empty());
    });
}

TEST_F(StreamReaderTest, NextChunkGivesWhateverIsThereUntilTheEnd) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("a");
        r.feed_data("bc");
        std::string chunks;
        loop().call_later(1s, [r] { r.feed_data(std::string(100'000, 'x')); });
        loop().call_later(2s, [r] { r.feed_data("last"); });
        loop().call_later(3s, [r] { r.feed_eof(); });
        while (auto chunk = co_await r.next_chunk()) chunks += std::to_string(chunk->size()) + " ";
        EXPECT_EQ(chunks, "3 100000 4 ");
        EXPECT_FALSE((co_await r.next_chunk()).has_value());
    });
}

TEST_F(StreamReaderTest, ReadIntoNothingReturnsAtOnce) {
    run([&]() -> Coro<> {
        StreamReader r;
        EXPECT_EQ(co_await r.read_into(std::span<char>()), 0u);
        std::array<char, 1> memory{};
        r.feed_eof();
        EXPECT_EQ(co_await r.read_into(memory), 0u);
    });
}

// --- separators --------------------------------------------------------------------------------------

TEST_F(StreamReaderTest, ReadUntilTakesTheSeparatorThatEndsFirst) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("one;two\r\nthree\rfour");
        std::vector<std::string> separators = {"\r\n", "\r", ";"};
        EXPECT_EQ(co_await r.readuntil(separators), "one;");
        EXPECT_EQ(co_await r.readuntil(separators), "two\r") << "the shortest match";
        EXPECT_EQ(co_await r.readuntil(separators), "\nthree\r");
        try {
            co_await r.readuntil("");
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "Separator should be at least one-byte string");
        }
        try {
            co_await r.readuntil(std::vector<std::string>());
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "Separator should contain at least one element");
        }
    });
}

// Every split of the same bytes gives the same lines.
TEST_F(StreamReaderTest, SeparatorsAreFoundWhereverTheChunksAreCut) {
    const std::string wire = "a\r\n\r\nbc\r\r\n--\r\n";
    run([&]() -> Coro<> {
        for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
            for (std::size_t second = cut; second <= wire.size(); ++second) {
                StreamReader r;
                loop().call_soon([=] { r.feed_data(BytesView(wire.data(), cut)); });
                loop().call_later(1ms, [=] { r.feed_data(BytesView(wire.data() + cut, second - cut)); });
                loop().call_later(2ms, [=] { r.feed_data(BytesView(wire).subview(second)); });
                std::string lines;
                for (int i = 0; i < 4; ++i) lines += "[" + co_await r.readuntil("\r\n") + "]";
                EXPECT_EQ(lines, "[a\r\n][\r\n][bc\r\r\n][--\r\n]") << cut << " " << second;
                co_await sleep(3ms);
            }
        }
    });
}

std::chrono::nanoseconds cpu_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

TEST_F(StreamReaderTest, SearchingIsNotQuadratic) {
    run([&]() -> Coro<> {
        constexpr std::size_t kSize = 4'000'000;
        StreamReader r(2 * kSize);
        auto line = co_await start(r.readline());
        const auto begin = cpu_time();
        for (std::size_t i = 0; i < kSize / 10; ++i) r.feed_data("0123456789");
        r.feed_data("\n");
        EXPECT_EQ((co_await line).size(), kSize + 1);
        // 10 ms against a minute: the thread's own time, so that a busy machine cannot decide it.
        EXPECT_LT(cpu_time() - begin, 5s) << "400,000 feeds of 10 bytes";
    });
}

TEST_F(StreamReaderTest, ManyLinesInOneChunkAreNotQuadratic) {
    run([&]() -> Coro<> {
        StreamReader r(1'000'000);
        std::string text;
        for (int i = 0; i < 200'000; ++i) text += "line\n";
        r.feed_data(text);
        r.feed_eof();
        int lines = 0;
        while (auto line = co_await r.next_line()) ++lines;
        EXPECT_EQ(lines, 200'000);
    });
}

TEST_F(StreamReaderTest, OverlongLinesAreFoundBeforeTheirEnd) {
    run([&]() -> Coro<> {
        StreamReader r(10);
        auto line = co_await start(r.readline());
        r.feed_data(std::string(20, 'x'));
        try {
            co_await line;
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "Separator is not found, and chunk exceed the limit of 10 bytes");
        }
        EXPECT_TRUE(r.buffered().empty());
        r.feed_data(std::string(12, 'x') + "\nok\n");
        try {
            co_await r.readline();
            ADD_FAILURE();
        } catch (const ValueError& e) {
            EXPECT_STREQ(e.what(), "Separator is found, but chunk is longer than the limit of 10 bytes");
        }
        EXPECT_EQ(co_await r.readline(), "ok\n");
    });
}

}  // namespace
}  // namespace aio::tests
