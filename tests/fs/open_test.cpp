// SPDX-License-Identifier: MIT
#include <fs/fs_support.hpp>

#include <fcntl.h>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

using OpenTest = FsTest;

Coro<> opens(std::string path, std::string mode) { co_await fs::open(std::move(path), std::move(mode)); }

TEST_F(OpenTest, ModesArePythons) {
    run([&]() -> Coro<> {
        std::string error = co_await caught(fs::open(path("a"), "x"));
        EXPECT_EQ(error, "no error");
        error = co_await caught(fs::open(path("a"), "x"));
        EXPECT_EQ(error, "open '" + path("a") + "': File exists");
        put("a", "text");
        auto file = co_await fs::open(path("a"), "r+b");
        std::string text = co_await file.read();
        co_await file.write("!");
        EXPECT_EQ(content("a"), "text!");
        file = co_await fs::open(path("a"), "a+");
        co_await file.write("?");
        co_await file.seek(0);
        text = co_await file.read();
        EXPECT_EQ(text, "text!?");
        file = co_await fs::open(path("a"), "wt");
        EXPECT_EQ(content("a"), "");
        file = co_await fs::open(path("new"), "w+");
        co_await file.write("new");
        co_await file.seek(0);
        text = co_await file.read();
        EXPECT_EQ(text, "new");
        const std::string one_of = "must have exactly one of create/read/write/append mode";
        std::vector<std::pair<std::string, std::string>> wrong{
            {"", one_of},
            {"rw", one_of},
            {"b", one_of},
            {"rbt", "can't have text and binary mode at once"},
            {"rr", "invalid mode: 'rr'"},
            {"U", "invalid mode: 'U'"}};
        for (const auto& [mode, said] : wrong) {
            error = co_await caught(fs::open(path("a"), mode));
            EXPECT_EQ(error, said);
        }
    });
}

TEST_F(OpenTest, ErrorsAreTheSystems) {
    run([&]() -> Coro<> {
        bool missing = false;
        try {
            co_await fs::open(path("no"));
        } catch (const FileNotFoundError& error) {
            missing = error.what() == "open '" + path("no") + "': No such file or directory";
        }
        EXPECT_TRUE(missing);
        bool is_folder = false;
        try {
            co_await fs::open(folder.path());
        } catch (const IsADirectoryError&) {
            is_folder = true;
        }
        EXPECT_TRUE(is_folder);
        std::string error = co_await caught(fs::open(folder.path()));
        EXPECT_EQ(error, "open '" + folder.path() + "': Is a directory");
        error = co_await caught(fs::read_bytes(folder.path()));
        EXPECT_EQ(error, "open '" + folder.path() + "': Is a directory");
        error = co_await caught(fs::open(std::string("a\0b", 3)));
        EXPECT_EQ(error, "embedded null byte");
        EXPECT_EQ(open_files(), 0);
    });
}

TEST_F(OpenTest, OptionsAreTheCalls) {
    run([&]() -> Coro<> {
        fs::OpenOptions options;
        options.permissions(0600);
        auto file = co_await fs::open(path("a"), "w", options);
        const fs::Stat found = co_await fs::stat(path("a"));
        EXPECT_EQ(found.st_mode & 0777, 0600U);
        co_await fs::symlink(path("a"), path("link"));
        options.flags(O_NOFOLLOW);
        const std::string error = co_await caught(fs::open(path("link"), "r", options));
        EXPECT_EQ(error, "open '" + path("link") + "': Too many levels of symbolic links");
    });
}

TEST_F(OpenTest, ItIsAnAwaitableAsOthers) {
    run([&]() -> Coro<> {
        put("a", "text");
        auto task = create_task(fs::open(path("a")));
        auto file = co_await task;
        std::string text = co_await file.read();
        EXPECT_EQ(text, "text");
        file = co_await wait_for(fs::open(path("a")), 10s);
        text = co_await file.read();
        EXPECT_EQ(text, "text");
    });
}

TEST_F(OpenTest, CancelledItLeavesNothingOpen_Thread) {
    run([&]() -> Coro<> {
        const std::string fifo = path("fifo");
        ::mkfifo(fifo.c_str(), 0600);
        auto opening = create_task(opens(fifo, "r"));
        co_await turns(3);
        opening.cancel();
        co_await ended(opening);
        EXPECT_TRUE(opening.cancelled());
        {
            const Fd writer(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));  // now the thread's open() ends
            co_await until([&] { return loop().stats().threads == 0; });
        }
        co_await all_closed();
        put("a", "text");
        for (int i = 0; i < 100; ++i) {
            opening = create_task(opens(path("a"), "r"));
            co_await turns(i % 5);
            opening.cancel();
            co_await ended(opening);
        }
        co_await all_closed();
    });
}

TEST_F(OpenTest, WholeFilesAreOneCall) {
    run([&]() -> Coro<> {
        std::size_t count = co_await fs::write_bytes(path("a"), "0123");
        EXPECT_EQ(count, 4U);
        count = co_await fs::write_text(path("a"), "text");
        EXPECT_EQ(content("a"), "text");
        std::string text = co_await fs::read_text(path("a"));
        EXPECT_EQ(text, "text");
        text = co_await fs::read_bytes(put("empty", ""));
        EXPECT_EQ(text, "");
        std::string error = co_await caught(fs::write_bytes("/dev/full", "text"));
        EXPECT_EQ(error, "write to '/dev/full': No space left on device");
        error = co_await caught(fs::read_bytes(path("no")));
        EXPECT_EQ(error, "open '" + path("no") + "': No such file or directory");
        EXPECT_EQ(open_files(), 0);
    });
}

}  // namespace
}  // namespace aio::tests
