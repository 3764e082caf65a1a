// SPDX-License-Identifier: MIT
#include <fs/fs_support.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

static_assert(std::is_nothrow_move_constructible_v<fs::File>);
static_assert(std::is_copy_constructible_v<fs::File>);

using FileTest = FsTest;

TEST_F(FileTest, GivesPiecesAndAll) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("a", "0123456789"));
        std::string text = co_await file.read(3);
        EXPECT_EQ(text, "012");
        text = co_await file.read(0);
        EXPECT_EQ(text, "");
        text = co_await file.read();
        EXPECT_EQ(text, "3456789");
        text = co_await file.read(5);
        EXPECT_EQ(text, "");
        text = co_await file.read();
        EXPECT_EQ(text, "");
        EXPECT_EQ(file.name(), path("a"));
        EXPECT_EQ(file.mode(), "r");
        co_await file.close();
        EXPECT_TRUE(file.closed());
        EXPECT_EQ(open_files(), 0);
    });
}

TEST_F(FileTest, LargeOnesComeWhole) {
    std::string large(3'000'001, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
    put("large", large);
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("large"));
        std::string text = co_await file.read(10);
        std::string rest = co_await file.read();
        EXPECT_TRUE(text + rest == large);
        co_await file.seek(0);
        text = co_await file.read(2'000'000);
        EXPECT_TRUE(text == large.substr(0, 2'000'000));
        text = co_await file.read(2'000'000);
        EXPECT_TRUE(text == large.substr(2'000'000));
        co_await file.seek(0);
        text.clear();
        while (auto chunk = co_await file.next_chunk(100'000)) {
            EXPECT_LE(chunk->size(), 100'000U);
            text += *chunk;
        }
        EXPECT_TRUE(text == large);
        co_await file.close();
        text = co_await fs::read_bytes(path("large"));
        EXPECT_TRUE(text == large);
    });
}

TEST_F(FileTest, LinesComeOneByOne) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("lines", "one\n\nthree"));
        std::vector<std::string> lines;
        while (auto line = co_await file.next_line()) lines.push_back(*line);
        const std::vector<std::string> expected{"one\n", "\n", "three"};
        EXPECT_EQ(lines, expected);
        std::string line = co_await file.readline();
        EXPECT_EQ(line, "");
        co_await file.seek(0);
        line = co_await file.readline();
        EXPECT_EQ(line, "one\n");
        lines = co_await file.readlines();
        EXPECT_EQ(lines.size(), 2U);
        EXPECT_EQ(lines.at(1), "three");
    });
}

TEST_F(FileTest, LinesThatAreThereNeedNoThread) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
    put("lines", text);
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("lines"));
        co_await file.readline();
        const auto before = loop().stats().iterations;
        for (int i = 1; i < 100; ++i) {
            const std::string line = co_await file.readline();
            EXPECT_EQ(line, std::to_string(i) + "\n");
        }
        EXPECT_EQ(loop().stats().iterations, before);
    });
}

TEST_F(FileTest, LinesMayBeLongerThanWhatIsReadAtOnce) {
    const std::string line = std::string(200'000, 'x') + "\n";
    put("lines", line + line + "end");
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("lines"));
        for (int i = 0; i < 2; ++i) {
            const std::string got = co_await file.readline();
            EXPECT_TRUE(got == line);
        }
        const std::string end = co_await file.readline();
        EXPECT_EQ(end, "end");
    });
}

TEST_F(FileTest, ThePositionIsTheReaders) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("a", "0123456789"), "r+");
        std::string text = co_await file.read(2);
        std::int64_t at = co_await file.tell();
        EXPECT_EQ(at, 2);
        at = co_await file.seek(1, SEEK_CUR);
        EXPECT_EQ(at, 3);
        text = co_await file.read(1);
        EXPECT_EQ(text, "3");
        co_await file.write("XY");
        EXPECT_EQ(content("a"), "0123XY6789");
        text = co_await file.read(1);
        EXPECT_EQ(text, "6");
        at = co_await file.seek(-1, SEEK_END);
        EXPECT_EQ(at, 9);
        at = co_await file.truncate();
        EXPECT_EQ(at, 9);
        at = co_await file.truncate(4);
        EXPECT_EQ(at, 4);
        EXPECT_EQ(content("a"), "0123");
        at = co_await file.tell();
        EXPECT_EQ(at, 9);
        std::string error = co_await caught(file.seek(0, 7));
        EXPECT_EQ(error, "invalid whence (7, should be 0, 1 or 2)");
        error = co_await caught(file.seek(-1));
        EXPECT_EQ(error, "seek in '" + path("a") + "': Invalid argument");
    });
}

TEST_F(FileTest, WhatIsWrittenIsThere) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("a"), "w");
        std::size_t count = co_await file.write("one\n");
        EXPECT_EQ(count, 4U);
        EXPECT_EQ(content("a"), "one\n");
        std::string moved = "two\n";
        co_await file.write(std::move(moved));
        std::vector<std::string> lines{"three\n", "four\n"};
        co_await file.writelines(lines);
        co_await file.flush();
        co_await file.fsync();
        EXPECT_EQ(content("a"), "one\ntwo\nthree\nfour\n");
        auto adds = co_await fs::open(path("a"), "a");
        const std::int64_t at = co_await adds.tell();
        EXPECT_EQ(at, 19);
        co_await adds.write("five\n");
        EXPECT_EQ(content("a"), "one\ntwo\nthree\nfour\nfive\n");
    });
}

TEST_F(FileTest, PreadAndPwriteLeaveThePositionAlone) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("a", "0123456789"), "r+");
        std::string text = co_await file.read(2);
        text = co_await file.pread(3, 5);
        EXPECT_EQ(text, "567");
        text = co_await file.pread(5, 8);
        EXPECT_EQ(text, "89");
        std::size_t count = co_await file.pwrite("ab", 2);
        EXPECT_EQ(count, 2U);
        text = co_await file.read(3);
        EXPECT_EQ(text, "ab4");
    });
}

TEST_F(FileTest, ReadintoFillsTheCallersMemory) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("a", "0123456789"));
        std::array<char, 7> memory{};
        std::size_t count = co_await file.readinto(memory);
        EXPECT_EQ(std::string(memory.data(), count), "0123456");
        count = co_await file.readinto(memory);
        EXPECT_EQ(std::string(memory.data(), count), "789");
        count = co_await file.readinto(memory);
        EXPECT_EQ(count, 0U);
    });
}

TEST_F(FileTest, StatTellsOfIt) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(put("a", "0123456789"));
        const fs::Stat found = co_await file.stat();
        EXPECT_EQ(found.st_size, 10);
        EXPECT_TRUE(found.is_file());
    });
}

TEST_F(FileTest, ErrorsSayWhatAndWhere) {
    run([&]() -> Coro<> {
        auto reader = co_await fs::open(put("a", "text"));
        std::string error = co_await caught(reader.write("x"));
        EXPECT_EQ(error, "not writable");
        auto writer = co_await fs::open(path("b"), "w");
        error = co_await caught(writer.read());
        EXPECT_EQ(error, "not readable");
        auto full = co_await fs::open("/dev/full", "w");
        error = co_await caught(full.write("x"));
        EXPECT_EQ(error, "write to '/dev/full': No space left on device");
        co_await full.close();
        const std::string closed = "I/O operation on closed file";
        error = co_await caught(full.write("x"));
        EXPECT_EQ(error, closed);
        error = co_await caught(full.flush());
        EXPECT_EQ(error, closed);
        error = co_await caught(full.fsync());
        EXPECT_EQ(error, closed);
        error = co_await caught(full.stat());
        EXPECT_EQ(error, closed);
        EXPECT_THROW(full.fileno(), ValueError);
        co_await full.close();
        const Fifo fifo(path("fifo"));
        auto pipe = co_await fs::open(fifo.path, "r+");
        error = co_await caught(pipe.seek(0));
        EXPECT_EQ(error, "seek in '" + fifo.path + "': Illegal seek");
    });
}

TEST_F(FileTest, LinesAndWhatNeverEndsHaveALimit) {
    run([&]() -> Coro<> {
        fs::OpenOptions options;
        options.limit(100'000);
        auto zeros = co_await fs::open("/dev/zero", "r", options);
        std::string error = co_await caught(zeros.read());
        EXPECT_EQ(error, "what is left of '/dev/zero' is longer than 100000 bytes");
        error = co_await caught(zeros.readline());
        EXPECT_EQ(error, "a line of '/dev/zero' is longer than 100000 bytes");
        options.limit(5);
        auto file = co_await fs::open(put("a", "1234\n123456\n"), "r", options);
        std::string text = co_await file.readline();
        EXPECT_EQ(text, "1234\n");
        error = co_await caught(file.readline());
        EXPECT_EQ(error, "a line of '" + path("a") + "' is longer than 5 bytes");
        error = co_await caught(file.read());
        EXPECT_EQ(error, "what is left of '" + path("a") + "' is longer than 5 bytes");
        text = co_await file.read(7);
        EXPECT_EQ(text, "123456\n");  // nothing is lost
    });
}

TEST_F(FileTest, ASystemFileWithoutASizeIsReadToItsEnd) {
    run([&]() -> Coro<> {
        const std::string text = co_await fs::read_text("/proc/self/status");
        EXPECT_NE(text.find("Threads:"), text.npos);
    });
}

TEST_F(FileTest, HandlesShareTheFileAndTheLastOneClosesIt) {
    run([&]() -> Coro<> {
        const fs::File empty;
        EXPECT_FALSE(empty);
        EXPECT_THROW(empty.read().close(), RuntimeError);
        EXPECT_THROW(empty.fileno(), RuntimeError);
        {
            auto file = co_await fs::open(put("a", "0123456789"));
            const fs::File other = file;
            EXPECT_EQ(file, other);
            EXPECT_NE(file, empty);
            std::string text = co_await file.read(2);
            text = co_await other.read(2);
            EXPECT_EQ(text, "23");
            EXPECT_EQ(open_files(), 1);
        }
        co_await all_closed();
    });
}

TEST_F(FileTest, LeavingTheBlockClosesIt) {
    run([&]() -> Coro<> {
        fs::File kept;
        const auto body = [&kept](fs::File file) -> Coro<std::string> {
            kept = file;
            co_return co_await file.read();
        };
        const std::string text = co_await async_with(fs::open(put("a", "text")), body);
        EXPECT_EQ(text, "text");
        EXPECT_TRUE(kept.closed());
        const auto fails = [&kept](fs::File file) -> Coro<> {
            kept = file;
            co_await file.write("x");
        };
        std::string error = co_await caught(async_with(fs::open(path("a")), fails));
        EXPECT_EQ(error, "not writable");
        EXPECT_TRUE(kept.closed());
        auto file = co_await fs::open(path("a"));
        co_await async_with(file, [](fs::File) -> Coro<> { co_return; });
        EXPECT_TRUE(file.closed());
    });
}

}  // namespace
}  // namespace aio::tests
