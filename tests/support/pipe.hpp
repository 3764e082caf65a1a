// SPDX-License-Identifier: MIT
#pragma once

#include <support/fd.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

namespace aio::tests {

/// For an end that a child is to have.
inline void make_blocking(const Fd& end) { ::fcntl(end.fd, F_SETFL, ::fcntl(end.fd, F_GETFL) & ~O_NONBLOCK); }

/// os.pipe(), both ends non-blocking; `size`: of its buffer, 0 leaves it to the kernel.
struct Pipe {
    Fd reading, writing;

    explicit Pipe(int size = 0) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("pipe2() failed");
        reading = Fd(ends[0]);
        writing = Fd(ends[1]);
        if (size > 0) ::fcntl(ends[1], F_SETPIPE_SZ, size);
    }
    int take_reading() { return std::exchange(reading.fd, -1); }
    int take_writing() { return std::exchange(writing.fd, -1); }
    void write(const std::string& text) const {
        if (::write(writing.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("write() did not take everything");
        }
    }
    /// What is there, up to 64 KiB; empty at the end and if nothing is there.
    std::string read() const {
        std::string text(64 * 1024, '\0');
        const ssize_t count = ::read(reading.fd, text.data(), text.size());
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return text;
    }
};

/// Both ends of a terminal of the test's own.
struct Terminal {
    Fd master, slave;

    Terminal() : master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
        char name[100];
        if (master.fd < 0 || ::grantpt(master.fd) != 0 || ::unlockpt(master.fd) != 0 ||
            ::ptsname_r(master.fd, name, sizeof name) != 0) {
            throw std::runtime_error("no terminal");
        }
        slave = Fd(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    }
};

}  // namespace aio::tests
