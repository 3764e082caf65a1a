// SPDX-License-Identifier: MIT
// Who comes after whom, and what cancellation leaves behind. A FIFO is a disk that is as slow as the test
// likes.
#include <fs/fs_support.hpp>

#include <fcntl.h>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct FileOrder : FsTest {
    Coro<fs::File> opened(std::string mode = "r+") const {
        co_return co_await fs::open(fifo.path, std::move(mode));
    }
    static Coro<std::string> reads(fs::File file, std::ptrdiff_t n) { co_return co_await file.read(n); }
    static Coro<> writes(fs::File file, std::string text) { co_await file.write(std::move(text)); }
    static Coro<> closes(fs::File file) { co_await file.close(); }
    /// A thread has read what was there, and waits for more.
    Coro<> thread_waits() const {
        return until([this] { return fifo.waiting() == 0; });
    }
    Fifo fifo{path("fifo")};
};

TEST_F(FileOrder, TasksAreServedInTheOrderInWhichTheyCame_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        std::vector<Task<std::string>> readers;
        for (int i = 0; i < 3; ++i) readers.push_back(create_task(reads(file, 2)));
        co_await turns(5);
        fifo.write("aabbcc");
        std::string all;
        for (auto& reader : readers) all += (co_await reader) + " ";
        EXPECT_EQ(all, "aa bb cc ");
    });
}

TEST_F(FileOrder, WritesOfSeveralTasksStayWhole_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("log"), "w");
        std::vector<Task<>> writers;
        std::string expected;
        for (char c = 'a'; c <= 'z'; ++c) {
            const std::string line = std::string(100'000, c) + "\n";
            expected += line;
            writers.push_back(create_task(writes(file, line)));
        }
        for (auto& writer : writers) co_await writer;
        EXPECT_TRUE(content("log") == expected);
    });
}

TEST_F(FileOrder, WhatACancelledReadHasReadIsThereForTheNext_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        auto reader = create_task(reads(file, 2));
        co_await turns(1);
        fifo.write("a");
        co_await thread_waits();
        reader.cancel();
        co_await ended(reader);
        EXPECT_TRUE(reader.cancelled());
        EXPECT_EQ(loop().stats().threads, 1U);  // the thread is still at it
        auto next = create_task(reads(file, 3));
        co_await turns(5);
        EXPECT_FALSE(next.done());
        fifo.write("bc");
        const std::string text = co_await next;
        EXPECT_EQ(text, "abc");
    });
}

TEST_F(FileOrder, WhatWaitsForItsTurnIsNotDoneWhenItIsCancelled_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        auto reader = create_task(reads(file, 1));
        co_await turns(1);
        auto writer = create_task(writes(file, "x"));
        auto last = create_task(reads(file, 1));
        co_await turns(5);
        writer.cancel();
        co_await ended(writer);
        EXPECT_TRUE(writer.cancelled());
        fifo.write("ab");
        const std::string one = co_await reader;
        const std::string two = co_await last;
        EXPECT_EQ(one + two, "ab");
        EXPECT_EQ(fifo.read(), "");
    });
}

// Whatever comes first, the cancellation or the result.
TEST_F(FileOrder, NoByteIsLostWhereverAReadIsCancelled_Thread) {
    std::string all;
    for (int i = 0; i < 400'000; ++i) all += std::to_string(i) + " ";
    put("numbers", all);
    run([&]() -> Coro<> {
        auto file = co_await fs::open(path("numbers"));
        std::string got;
        for (int i = 0; i < 30; ++i) {
            auto reader = create_task(reads(file, 70'000));
            co_await turns(1);
            if (i % 2 == 0) {
                co_await until([&] { return loop().stats().threads == 0 || reader.done(); });
            } else {
                co_await turns(i % 7);
            }
            reader.cancel();
            co_await ended(reader);
            if (!reader.cancelled()) got += reader.result();
            std::string more = co_await file.read(10);
            got += more;
        }
        std::string rest = co_await file.read();
        EXPECT_TRUE(got + rest == all);
    });
}

TEST_F(FileOrder, ACancelledWriteThatAThreadHasBegunIsDone_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened("w");
        std::string large(300'000, '\0');
        for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
        auto writer = create_task(writes(file, large));
        co_await until([&] { return fifo.waiting() > 0; });
        writer.cancel();
        co_await ended(writer);
        EXPECT_TRUE(writer.cancelled());
        auto second = create_task(writes(file, "end"));
        std::string got;
        while (!got.ends_with("end")) {
            got += fifo.read();
            co_await sleep(0s);
        }
        EXPECT_TRUE(got == large + "end");
        co_await second;
    });
}

TEST_F(FileOrder, CloseWaitsForWhatWasBegun_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        auto reader = create_task(reads(file, 2));
        co_await turns(1);
        fifo.write("a");
        co_await thread_waits();
        auto closer = create_task(closes(file));
        auto late = create_task(caught(file.read(1)));
        co_await turns(5);
        EXPECT_FALSE(closer.done());
        EXPECT_FALSE(file.closed());
        fifo.write("b");
        const std::string text = co_await reader;
        EXPECT_EQ(text, "ab");
        co_await closer;
        EXPECT_TRUE(file.closed());
        EXPECT_EQ(open_files(), 1);  // the test's
        const std::string error = co_await late;
        EXPECT_EQ(error, "I/O operation on closed file");
    });
}

TEST_F(FileOrder, ACancelledCloseCloses_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        auto reader = create_task(reads(file, 1));
        co_await turns(1);
        auto closer = create_task(closes(file));
        co_await turns(1);
        closer.cancel();
        co_await ended(closer);
        EXPECT_TRUE(closer.cancelled());
        EXPECT_EQ(open_files(), 2);
        fifo.write("a");
        co_await reader;
        co_await until([&] { return file.closed(); });
        EXPECT_EQ(open_files(), 1);
    });
}

TEST_F(FileOrder, NothingIsLeftOfAFileThatIsDroppedWhileAThreadIsAtIt_Thread) {
    run([&]() -> Coro<> {
        {
            auto file = co_await opened();
            auto reader = create_task(reads(file, 2));
            file = fs::File();
            co_await turns(1);
            fifo.write("a");
            co_await thread_waits();
            reader.cancel();
            co_await ended(reader);
        }
        EXPECT_EQ(open_files(), 2);
        fifo.write("b");
        co_await until([&] { return open_files() == 1; });
    });
}

TEST_F(FileOrder, ALoopMayCloseWhileAThreadIsAtAFile_Thread) {
    fs::File kept;
    run([&]() -> Coro<> {
        kept = co_await opened();
        create_task(reads(kept, 2));
        create_task(closes(kept));
        co_await turns(1);
        fifo.write("a");
        co_await thread_waits();
    });
    finish();
    aio::run([&]() -> Coro<> {
        const std::string error = co_await caught(kept.read(1));
        EXPECT_EQ(error, "the loop in which '" + fifo.path + "' was used is closed");
        kept = fs::File();
        fifo.write("b");
        co_await until([&] { return open_files() == 1; });
    });
}

TEST_F(FileOrder, AnIdleFileMayGoToAnotherLoop_Thread) {
    fs::File kept;
    put("a", "0123");
    run([&]() -> Coro<> {
        kept = co_await fs::open(path("a"));
        co_await kept.read(1);
    });
    finish();
    aio::run([&]() -> Coro<> {
        const std::string text = co_await kept.read();
        EXPECT_EQ(text, "123");
        co_await kept.close();
    });
    EXPECT_EQ(open_files(), 1);
}

TEST_F(FileOrder, AReaderThatIsGoneIsAnError_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened("w");
        fifo.end.close();
        const std::string error = co_await caught(file.write("x"));
        EXPECT_EQ(error, "write to '" + fifo.path + "': Broken pipe");
    });
}

TEST_F(FileOrder, TheLoopGoesOnMeanwhile_Thread) {
    run([&]() -> Coro<> {
        auto file = co_await opened();
        auto reader = create_task(reads(file, 1));
        int ticks = 0;
        for (; ticks < 100; ++ticks) co_await sleep(0s);
        EXPECT_EQ(ticks, 100);
        EXPECT_FALSE(reader.done());
        fifo.write("a");
        co_await reader;
    });
}

}  // namespace
}  // namespace aio::tests
