// SPDX-License-Identifier: MIT
#include <fs/fs_support.hpp>
#include <support/child.hpp>
#include <support/latch.hpp>

#include <aio/concurrent.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

using FsThreads = FsTest;

// Those of this process that make calls on files.
int file_threads() {
    int count = 0;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(thread.path() / "comm"), name);
        if (name.starts_with("aio-fs")) ++count;
    }
    return count;
}

Coro<std::string> reads(fs::File file) { co_return co_await file.read(1); }

TEST_F(FsThreads, AreAFewOfTheirOwn_Thread) {
    run([&]() -> Coro<> {
        std::vector<std::unique_ptr<Fifo>> fifos;
        std::vector<fs::File> files;
        for (int i = 0; i < 2 * fs::kDefaultMaxWorkers; ++i) {
            fifos.push_back(std::make_unique<Fifo>(path("fifo" + std::to_string(i))));
            auto file = co_await fs::open(fifos.back()->path, "r+");
            files.push_back(file);
        }
        std::vector<Task<std::string>> readers;
        for (const fs::File& file : files) readers.push_back(create_task(reads(file)));
        auto late = create_task(fs::exists(path("fifo0")));
        co_await until([] { return file_threads() == fs::kDefaultMaxWorkers; });
        co_await turns(5);
        EXPECT_EQ(file_threads(), fs::kDefaultMaxWorkers);
        EXPECT_FALSE(late.done());
        for (const auto& fifo : fifos) fifo->write("x");
        for (auto& reader : readers) co_await reader;
        const bool there = co_await late;
        EXPECT_TRUE(there);
    });
}

TEST_F(FsThreads, AreThereWhileOthersKeepTheDefaultExecutorBusy_Thread) {
    Latch latch;
    run([&]() -> Coro<> {
        loop().set_default_executor(std::make_shared<concurrent::ThreadPoolExecutor>(1));
        auto busy = create_task(to_thread(&Latch::wait, &latch));
        co_await turns(1);
        const std::string text = co_await fs::read_text(put("a", "text"));
        EXPECT_EQ(text, "text");
        EXPECT_FALSE(busy.done());
        latch.set();
        co_await busy;
    });
}

TEST_F(FsThreads, AForkedChildHasItsOwn_Thread) {
    const std::string file = put("a", "text");
    run([&]() -> Coro<> { co_await fs::read_text(file); });
    const std::string ended = run_in_child([&] {
        const std::string text = aio::run(fs::read_text(file));
        ::_exit(text == "text" ? 0 : 1);
    });
    EXPECT_EQ(ended, "exit 0");
}

TEST_F(FsThreads, TheirNumberIsSetBeforeTheyAre_Thread) {
    EXPECT_THROW(fs::set_max_workers(0), ValueError);
    run([&]() -> Coro<> { co_await fs::exists(path("a")); });
    EXPECT_THROW(fs::set_max_workers(4), RuntimeError);
}

TEST_F(FsThreads, FilesMayOutliveThem_Thread) {
    const std::string file = put("a", "text");
    struct Last {  // before leak checkers, which miss the stacks of threads that are not in the child
        ~Last() { ::_exit(43); }
    };
    const std::string ended = run_in_child([&] {
        static const Last last;
        static fs::File kept;  // is destroyed after main(), when there are no threads
        aio::run([&]() -> Coro<> { kept = co_await fs::open(file); });
        std::exit(0);
    });
    EXPECT_EQ(ended, "exit 43");
}

}  // namespace
}  // namespace aio::tests
