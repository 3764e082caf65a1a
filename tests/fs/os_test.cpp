// SPDX-License-Identifier: MIT
#include <fs/fs_support.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

struct OsTest : FsTest {
    std::string missing(const std::string& operation, const std::string& name) const {
        return operation + " '" + path(name) + "': No such file or directory";
    }
};

TEST_F(OsTest, StatAndLstat) {
    run([&]() -> Coro<> {
        put("a", "0123");
        co_await fs::symlink("a", path("link"));
        fs::Stat found = co_await fs::stat(path("link"));
        EXPECT_TRUE(found.is_file());
        EXPECT_FALSE(found.is_dir());
        EXPECT_EQ(found.st_size, 4);
        EXPECT_EQ(found.st_nlink, 1U);
        EXPECT_EQ(found.st_uid, ::getuid());
        struct ::stat expected{};
        ::stat(path("a").c_str(), &expected);
        EXPECT_EQ(found.st_ino, expected.st_ino);
        EXPECT_EQ(found.st_mtime_ns, expected.st_mtim.tv_sec * 1'000'000'000 + expected.st_mtim.tv_nsec);
        EXPECT_NEAR(found.mtime(), static_cast<double>(expected.st_mtim.tv_sec), 1.0);
        found = co_await fs::lstat(path("link"));
        EXPECT_TRUE(found.is_symlink());
        found = co_await fs::stat(folder.path());
        EXPECT_TRUE(found.is_dir());
        const std::int64_t size = co_await fs::getsize(path("a"));
        EXPECT_EQ(size, 4);
        std::string error = co_await caught(fs::stat(path("no")));
        EXPECT_EQ(error, missing("stat", "no"));
        error = co_await caught(fs::lstat(path("no")));
        EXPECT_EQ(error, missing("lstat", "no"));
        error = co_await caught(fs::getsize(path("no")));
        EXPECT_EQ(error, missing("stat", "no"));
    });
}

TEST_F(OsTest, QuestionsNeverFail) {
    run([&]() -> Coro<> {
        put("a", "");
        co_await fs::symlink("no", path("broken"));
        co_await fs::symlink("a", path("link"));
        const std::vector<std::string> paths{path("a"),     path("link"), path("broken"),
                                             folder.path(), path("no"),   std::string("a\0b", 3)};
        std::string answers;
        for (const std::string& asked : paths) {
            const bool exists = co_await fs::exists(asked);
            const bool lexists = co_await fs::lexists(asked);
            const bool isfile = co_await fs::isfile(asked);
            const bool isdir = co_await fs::isdir(asked);
            const bool islink = co_await fs::islink(asked);
            const bool access = co_await fs::access(asked, R_OK | W_OK);
            for (const bool answer : {exists, lexists, isfile, isdir, islink, access})
                answers += answer ? '1' : '0';
            answers += ' ';
        }
        EXPECT_EQ(answers, "111001 111011 010010 110101 000000 000000 ");
    });
}

TEST_F(OsTest, RenamesAndRemoves) {
    run([&]() -> Coro<> {
        put("a", "a");
        put("b", "b");
        co_await fs::rename(path("a"), path("b"));
        EXPECT_EQ(content("b"), "a");
        co_await fs::replace(path("b"), path("c"));
        EXPECT_EQ(content("c"), "a");
        co_await fs::makedirs(path("old/er"));
        put("old/er/file", "x");
        co_await fs::renames(path("old/er/file"), path("new/er/file"));
        EXPECT_EQ(content("new/er/file"), "x");
        bool there = co_await fs::exists(path("old"));
        EXPECT_FALSE(there);
        co_await fs::remove(path("c"));
        there = co_await fs::exists(path("c"));
        EXPECT_FALSE(there);
        put("d", "");
        co_await fs::unlink(path("d"));
        std::string error = co_await caught(fs::remove(path("d")));
        EXPECT_EQ(error, missing("remove", "d"));
        error = co_await caught(fs::rename(path("x"), path("y")));
        EXPECT_EQ(error, "rename '" + path("x") + "' -> '" + path("y") + "': No such file or directory");
    });
}

TEST_F(OsTest, MakesAndRemovesFolders) {
    run([&]() -> Coro<> {
        co_await fs::mkdir(path("one"), 0700);
        const fs::Stat found = co_await fs::stat(path("one"));
        EXPECT_EQ(found.st_mode & 0777, 0700U);
        std::string error = co_await caught(fs::mkdir(path("one")));
        EXPECT_EQ(error, "make folder '" + path("one") + "': File exists");
        error = co_await caught(fs::mkdir(path("two/three")));
        EXPECT_EQ(error, missing("make folder", "two/three"));
        co_await fs::makedirs(path("two/three//four/"));
        bool there = co_await fs::isdir(path("two/three/four"));
        EXPECT_TRUE(there);
        error = co_await caught(fs::makedirs(path("two/three")));
        EXPECT_EQ(error, "make folder '" + path("two/three") + "': File exists");
        error = co_await caught(fs::makedirs(path("two/three"), 0777, true));
        EXPECT_EQ(error, "no error");
        put("file", "");
        error = co_await caught(fs::makedirs(path("file"), 0777, true));
        EXPECT_EQ(error, "make folder '" + path("file") + "': File exists");
        error = co_await caught(fs::rmdir(path("two")));
        EXPECT_EQ(error, "remove folder '" + path("two") + "': Directory not empty");
        co_await fs::removedirs(path("two/three/four"));
        there = co_await fs::exists(path("two"));
        EXPECT_FALSE(there);
        there = co_await fs::exists(folder.path());  // not empty
        EXPECT_TRUE(there);
        co_await fs::rmdir(path("one"));
        there = co_await fs::exists(path("one"));
        EXPECT_FALSE(there);
    });
}

TEST_F(OsTest, RemovesTreesAndNothingBehindLinks) {
    run([&]() -> Coro<> {
        co_await fs::makedirs(path("tree/a/b/c"));
        co_await fs::mkdir(path("other"));
        put("other/kept", "x");
        put("tree/a/file", "x");
        put("tree/a/b/c/file", "x");
        co_await fs::symlink(path("other"), path("tree/a/link"));
        co_await fs::rmtree(path("tree"));
        bool there = co_await fs::exists(path("tree"));
        EXPECT_FALSE(there);
        EXPECT_EQ(content("other/kept"), "x");
        co_await fs::symlink(path("other"), path("link"));
        std::string error = co_await caught(fs::rmtree(path("link")));
        EXPECT_EQ(error, "Cannot call rmtree on a symbolic link: '" + path("link") + "'");
        error = co_await caught(fs::rmtree(path("tree")));
        EXPECT_EQ(error, missing("remove folder", "tree"));
        error = co_await caught(fs::rmtree(path("other/kept")));
        EXPECT_EQ(error, "open folder '" + path("other/kept") + "': Not a directory");
        EXPECT_EQ(open_files(), 0);
    });
}

TEST_F(OsTest, TellsWhatIsInAFolder) {
    run([&]() -> Coro<> {
        co_await fs::mkdir(path("in"));
        std::vector<std::string> names = co_await fs::listdir(path("in"));
        EXPECT_TRUE(names.empty());
        put("in/file", "x");
        co_await fs::mkdir(path("in/dir"));
        co_await fs::symlink("dir", path("in/link"));
        co_await fs::symlink("no", path("in/broken"));
        names = co_await fs::listdir(path("in"));
        std::sort(names.begin(), names.end());
        const std::vector<std::string> expected{"broken", "dir", "file", "link"};
        EXPECT_EQ(names, expected);
        auto entries = co_await fs::scandir(path("in"));
        std::sort(entries.begin(), entries.end(),
                  [](const fs::DirEntry& a, const fs::DirEntry& b) { return a.name < b.name; });
        std::string found;
        for (const fs::DirEntry& entry : entries) {
            EXPECT_EQ(entry.path, path("in/" + entry.name));
            found += entry.name + " " + (entry.is_file() ? "f" : "") + (entry.is_dir() ? "d" : "") +
                     (entry.is_symlink() ? "l" : "") + (entry.is_dir(false) ? "D" : "") + "; ";
        }
        EXPECT_EQ(found, "broken l; dir dD; file f; link dl; ");
        std::string error = co_await caught(fs::listdir(path("no")));
        EXPECT_EQ(error, missing("open folder", "no"));
        error = co_await caught(fs::scandir(path("in/file")));
        EXPECT_EQ(error, "open folder '" + path("in/file") + "': Not a directory");
    });
}

TEST_F(OsTest, Links) {
    run([&]() -> Coro<> {
        put("a", "x");
        co_await fs::link(path("a"), path("b"));
        const fs::Stat found = co_await fs::stat(path("b"));
        EXPECT_EQ(found.st_nlink, 2U);
        const std::string far = "/" + std::string(1000, 'x');
        co_await fs::symlink(far, path("link"));
        const std::string text = co_await fs::readlink(path("link"));
        EXPECT_EQ(text, far);
        std::string error = co_await caught(fs::readlink(path("a")));
        EXPECT_EQ(error, "readlink '" + path("a") + "': Invalid argument");
        error = co_await caught(fs::symlink("a", path("b")));
        EXPECT_EQ(error, "symlink 'a' -> '" + path("b") + "': File exists");
        error = co_await caught(fs::link(path("no"), path("c")));
        EXPECT_EQ(error, "link '" + path("no") + "' -> '" + path("c") + "': No such file or directory");
    });
}

TEST_F(OsTest, CancelledTheyEndAtOnce_Thread) {
    run([&]() -> Coro<> {
        for (int i = 0; i < 50; ++i) {
            auto making = create_task(fs::makedirs(path("deep/er/" + std::to_string(i)), 0777, true));
            co_await turns(i % 4);
            making.cancel();
            const auto before = loop().stats().iterations;
            co_await ended(making);
            EXPECT_LE(loop().stats().iterations, before + 3);
        }
        co_await until([&] { return loop().stats().threads == 0; });
    });
}

}  // namespace
}  // namespace aio::tests
