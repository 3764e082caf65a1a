// SPDX-License-Identifier: MIT
#include <fs/fs_support.hpp>

#include <unistd.h>
#include <cstdlib>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct TempfileTest : FsTest {
    fs::TempOptions here() const {
        fs::TempOptions options;
        options.dir(folder.path());
        return options;
    }
    Coro<std::size_t> names() const {
        const auto all = co_await fs::listdir(folder.path());
        co_return all.size();
    }
};

TEST_F(TempfileTest, OneWithoutANameIsNowhere) {
    run([&]() -> Coro<> {
        auto file = co_await fs::TemporaryFile(here());
        const std::size_t count = co_await names();
        EXPECT_EQ(count, 0U);
        EXPECT_EQ(file.name(), "");
        co_await file.write("text");
        co_await file.seek(0);
        const std::string text = co_await file.read();
        EXPECT_EQ(text, "text");
        co_await file.close();
        EXPECT_EQ(open_files(), 0);
        const std::string error = co_await caught(fs::TemporaryFile(fs::TempOptions().dir(path("no"))));
        EXPECT_EQ(error, "open '" + path("no") + "': No such file or directory");
    });
}

TEST_F(TempfileTest, OneWithANameGoesWithTheFile) {
    run([&]() -> Coro<> {
        auto options = here().prefix("up-").suffix(".part");
        auto file = co_await fs::NamedTemporaryFile(options);
        EXPECT_TRUE(file.name().starts_with(path("up-")));
        EXPECT_TRUE(file.name().ends_with(".part"));
        co_await file.write("text");
        const std::string text = co_await fs::read_text(file.name());
        EXPECT_EQ(text, "text");
        const fs::Stat found = co_await file.stat();
        EXPECT_EQ(found.st_mode & 0777, 0600U);
        co_await file.close();
        std::size_t count = co_await names();
        EXPECT_EQ(count, 0U);
        file = co_await fs::NamedTemporaryFile(here());
        file = fs::File();
        co_await all_closed();
        count = co_await names();
        EXPECT_EQ(count, 0U);
        file = co_await fs::NamedTemporaryFile(here().delete_on_close(false));
        co_await file.close();
        count = co_await names();
        EXPECT_EQ(count, 1U);
    });
}

TEST_F(TempfileTest, OneInMemoryNeedsNoThread) {
    run([&]() -> Coro<> {
        const auto before = loop().stats().iterations;
        auto file = co_await fs::SpooledTemporaryFile(10, here());
        co_await file.write("0123");
        co_await file.write("456");
        std::int64_t at = co_await file.seek(2);
        EXPECT_EQ(at, 2);
        std::string text = co_await file.read(3);
        EXPECT_EQ(text, "234");
        at = co_await file.tell();
        EXPECT_EQ(at, 5);
        co_await file.write("XYZ");
        co_await file.seek(0);
        text = co_await file.read();
        EXPECT_EQ(text, "01234XYZ");
        text = co_await file.pread(3, 6);
        EXPECT_EQ(text, "YZ");
        at = co_await file.seek(-2, SEEK_END);
        EXPECT_EQ(at, 6);
        EXPECT_FALSE(file.rolled());
        EXPECT_EQ(loop().stats().iterations, before);
        EXPECT_THROW(file.fileno(), OSError);
        co_await file.close();
        EXPECT_TRUE(file.closed());
        const std::string error = co_await caught(file.read());
        EXPECT_EQ(error, "I/O operation on closed file");
    });
}

TEST_F(TempfileTest, OneInMemoryBecomesAFileWhenItIsTooLarge) {
    run([&]() -> Coro<> {
        auto file = co_await fs::SpooledTemporaryFile(10, here());
        co_await file.write("0123456789");
        EXPECT_EQ(open_files(), 0);
        co_await file.seek(4);
        std::string text = co_await file.read(2);
        co_await file.seek(0, SEEK_END);
        co_await file.write("ab");
        EXPECT_TRUE(file.rolled());
        EXPECT_EQ(open_files(), 1);
        EXPECT_GE(file.fileno(), 0);
        co_await file.seek(0);
        text = co_await file.read();
        EXPECT_EQ(text, "0123456789ab");
        co_await file.close();
        EXPECT_EQ(open_files(), 0);
        file = co_await fs::SpooledTemporaryFile(10, here());
        co_await file.write("text");
        co_await file.seek(1);
        co_await file.rollover();
        EXPECT_TRUE(file.rolled());
        text = co_await file.read();
        EXPECT_EQ(text, "ext");
        file = co_await fs::SpooledTemporaryFile(10, here());
        co_await file.truncate(20);
        EXPECT_TRUE(file.rolled());
        const fs::Stat found = co_await file.stat();
        EXPECT_EQ(found.st_size, 20);
        file = co_await fs::SpooledTemporaryFile(10, here());
        co_await file.pwrite("0123", 8);
        EXPECT_TRUE(file.rolled());
        text = co_await file.read();
        EXPECT_EQ(text, std::string(8, '\0') + "0123");
    });
}

TEST_F(TempfileTest, OneInMemoryThatCannotBecomeAFileKeepsWhatItHas) {
    run([&]() -> Coro<> {
        auto file = co_await fs::SpooledTemporaryFile(4, fs::TempOptions().dir(path("no")));
        co_await file.write("0123");
        std::string error = co_await caught(file.write("4"));
        EXPECT_EQ(error, "open '" + path("no") + "': No such file or directory");
        co_await file.seek(0);
        const std::string text = co_await file.read();
        EXPECT_EQ(text, "0123");
    });
}

TEST_F(TempfileTest, AFolderGoesWithTheBlock) {
    run([&]() -> Coro<> {
        std::string made;
        const auto body = [&made](std::string folder) -> Coro<> {
            made = folder;
            co_await fs::makedirs(folder + "/a/b");
            co_await fs::write_text(folder + "/a/b/file", "text");
        };
        co_await async_with(fs::TemporaryDirectory(here().prefix("d-")), body);
        EXPECT_TRUE(made.starts_with(path("d-")));
        std::size_t count = co_await names();
        EXPECT_EQ(count, 0U);
        fs::TemporaryDirectory by_hand(here());
        EXPECT_EQ(by_hand.name(), "");
        const std::string named = co_await by_hand.aenter();
        EXPECT_EQ(named, by_hand.name());
        const fs::Stat found = co_await fs::stat(named);
        EXPECT_EQ(found.st_mode & 0777, 0700U);
        co_await fs::rmdir(named);
        co_await by_hand.cleanup();  // somebody else was first
        co_await by_hand.cleanup();
        EXPECT_EQ(by_hand.name(), "");
    });
}

Coro<> makes_file(fs::TempOptions options) { co_await fs::NamedTemporaryFile(std::move(options)); }
Coro<> makes_folder(fs::TempOptions options) {
    fs::TemporaryDirectory folder(std::move(options));
    co_await folder.aenter();
    co_await folder.cleanup();
}

TEST_F(TempfileTest, NothingIsLeftOfWhatWasCancelled_Thread) {
    run([&]() -> Coro<> {
        for (int i = 0; i < 50; ++i) {
            auto making = create_task(makes_file(here()));
            co_await turns(i % 5);
            making.cancel();
            co_await ended(making);
        }
        co_await until([&] { return loop().stats().threads == 0; });
        co_await all_closed();
        const std::size_t count = co_await names();
        EXPECT_EQ(count, 0U);
        auto making = create_task(makes_folder(here()));
        co_await turns(1);
        making.cancel();
        co_await ended(making);
        co_await until([&] { return loop().stats().threads == 0; });
        const std::size_t folders = co_await names();
        EXPECT_EQ(folders, 0U);
    });
}

TEST(Gettempdir, IsWhatTheEnvironmentSays) {
    const char* const before = std::getenv("TMPDIR");
    const std::string kept = before ? before : "";
    const TemporaryFolder folder;
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    EXPECT_EQ(fs::gettempdir(), folder.path());
    ::setenv("TMPDIR", folder.file("no").c_str(), 1);
    EXPECT_NE(fs::gettempdir(), folder.file("no"));
    if (before) {
        ::setenv("TMPDIR", kept.c_str(), 1);
    } else {
        ::unsetenv("TMPDIR");
    }
}

}  // namespace
}  // namespace aio::tests
