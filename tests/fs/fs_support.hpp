// SPDX-License-Identifier: MIT
#pragma once

#include <support/caught.hpp>
#include <support/ended.hpp>
#include <support/fd.hpp>
#include <support/temporary_folder.hpp>
#include <support/turns.hpp>

#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/testing.hpp>

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace aio::tests {

/// A folder for files, on a loop in virtual time: while a thread is at a file, no time passes.
struct FsTest : ::testing::Test, aio::testing::LoopTest {
    std::string path(const std::string& name) const { return folder.file(name); }
    std::string put(const std::string& name, const std::string& content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }
    std::string content(const std::string& name) const {
        std::ifstream file(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// How many descriptors of this process are of files in the folder, whoever else opens what.
    int open_files() const {
        int count = 0;
        DIR* const all = ::opendir("/proc/self/fd");
        while (const dirent* const entry = ::readdir(all)) {
            char target[500];
            const ssize_t size = ::readlinkat(::dirfd(all), entry->d_name, target, sizeof target);
            if (size > 0 && std::string_view(target, std::size_t(size)).starts_with(folder.path())) ++count;
        }
        ::closedir(all);
        return count;
    }
    /// What threads bring about, sooner or later.
    template <class Condition>
    static Coro<> until(Condition condition) {
        while (!condition()) {
            std::this_thread::yield();
            co_await sleep(Duration::zero());
        }
    }
    Coro<> all_closed() const {
        return until([this] { return open_files() == 0; });
    }

    TemporaryFolder folder;
};

/// A file that gives what the test writes into it, when it does so: opened with "r+" its reader waits.
struct Fifo {
    explicit Fifo(std::string at) : path(std::move(at)) {
        if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo() failed");
        end = Fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    }
    void write(std::string_view text) const {
        if (::write(end.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("write() did not take everything");
        }
    }
    /// What is there; empty if nothing is.
    std::string read() const {
        std::string text(64 * 1024, '\0');
        const ssize_t count = ::read(end.fd, text.data(), text.size());
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
    /// How many bytes nobody has read.
    int waiting() const {
        int count = 0;
        ::ioctl(end.fd, FIONREAD, &count);
        return count;
    }
    std::string path;
    Fd end;
};

}  // namespace aio::tests
