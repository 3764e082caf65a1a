// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>

#include <sys/types.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace aio::fs::detail {

/// The path for a call of the system. Throws ValueError if there is a zero byte in it.
const char* c_path(const std::string& path);

/// Owner of a descriptor.
class Descriptor {
public:
    Descriptor() noexcept = default;
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// open(2), again after a signal. Throws OSError that names the path.
Descriptor open_descriptor(const std::string& path, int flags, unsigned permissions);

/// A descriptor, and the blocking calls on it; or bytes in memory that become a file without a name when they
/// are too many. One thread at a time. All throw OSError, and ValueError after close().
class RawFile {
public:
    RawFile(Descriptor fd, std::string name) noexcept : fd_(std::move(fd)), name_(std::move(name)) {}
    /// In memory, up to `max_size` bytes; afterwards in the folder `dir`.
    RawFile(std::size_t max_size, std::string dir) noexcept
        : max_size_(max_size), dir_(std::move(dir)), in_memory_(true) {}
    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;
    ~RawFile();

    std::size_t read(char* to, std::size_t most);
    void write(BytesView data);
    std::int64_t seek(std::int64_t offset, int whence);
    void truncate(std::int64_t size);
    std::size_t pread(char* to, std::size_t most, std::int64_t offset);
    void pwrite(BytesView data, std::int64_t offset);
    void fsync();
    /// How much is left from here on, if the file knows its size; else 0.
    std::size_t remaining();
    /// Makes a file of what is in memory.
    void rollover();
    /// Closes, and removes the file first if it is to go with it. Idempotent; closed also if it throws.
    void close();
    void remove_at_close() noexcept { removed_at_close_ = true; }

    /// -1: closed, or in memory.
    int fd() const noexcept { return fd_.get(); }
    bool closed() const noexcept { return fd() < 0 && !in_memory_; }
    bool in_memory() const noexcept { return in_memory_; }
    /// Whether it stays in memory when so many bytes are written.
    bool has_room_for(std::size_t count) const noexcept {
        return in_memory_ && position_ + count <= max_size_;
    }
    const std::string& name() const noexcept { return name_; }

private:
    int descriptor() const;
    [[noreturn]] void fail(const char* operation) const;
    void write_in_memory(BytesView data, std::size_t at);

    Descriptor fd_;
    std::string name_;
    bool removed_at_close_ = false;
    std::size_t max_size_ = 0;
    std::string dir_;
    std::string memory_;
    std::size_t position_ = 0;  // in memory
    bool in_memory_ = false;
};

}  // namespace aio::fs::detail
