// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aio::tests {

/// A file without a name, which goes with the object.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view content) {
        char name[] = "/tmp/aio-test-XXXXXX";
        fd_ = ::mkostemp(name, O_CLOEXEC);
        if (fd_ < 0) throw std::runtime_error("mkostemp() failed");
        ::unlink(name);
        while (!content.empty()) {
            const ssize_t count = ::write(fd_, content.data(), content.size());
            if (count < 0) throw std::runtime_error("write() failed");
            content.remove_prefix(static_cast<std::size_t>(count));
        }
        ::lseek(fd_, 0, SEEK_SET);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { ::close(fd_); }
    int fd() const noexcept { return fd_; }
    long position() const noexcept { return static_cast<long>(::lseek(fd_, 0, SEEK_CUR)); }

private:
    int fd_ = -1;
};

/// Bytes of which each place tells where it is.
inline std::string numbered(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i ^ (i >> 8) ^ (i >> 16)) % 26);
    return text;
}

}  // namespace aio::tests
