// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/raw_file_impl.hpp>
#include <aio/fs/temporary_name_impl.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::fs::detail {
namespace {

template <class F>
auto retried(F call) noexcept {
    decltype(call()) result{};
    do {
        result = call();
    } while (result < 0 && errno == EINTR);
    return result;
}

}  // namespace

const char* c_path(const std::string& path) {
    if (path.find('\0') != path.npos) throw ValueError("embedded null byte");
    return path.c_str();
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Descriptor open_descriptor(const std::string& path, int flags, unsigned permissions) {
    const char* const name = c_path(path);
    const int fd = retried([&] { return ::open(name, flags, permissions); });
    if (fd < 0) raise_os_error(errno, "open '" + path + "'");
    return Descriptor(fd);
}

RawFile::~RawFile() {
    if (fd() >= 0 && removed_at_close_) ::unlink(name_.c_str());
}

int RawFile::descriptor() const {
    if (fd() < 0) throw ValueError("I/O operation on closed file");
    return fd();
}

void RawFile::fail(const char* operation) const {
    raise_os_error(errno, std::string(operation) + " '" + name_ + "'");
}

std::size_t RawFile::read(char* to, std::size_t most) {
    if (in_memory_) {
        if (position_ >= memory_.size()) return 0;
        const std::size_t count = memory_.copy(to, most, position_);
        position_ += count;
        return count;
    }
    const int fd = descriptor();
    const ssize_t count = retried([&] { return ::read(fd, to, most); });
    if (count < 0) fail("read from");
    return static_cast<std::size_t>(count);
}

void RawFile::write_in_memory(BytesView data, std::size_t at) {
    if (memory_.size() < at + data.size()) memory_.resize(at + data.size());
    std::copy_n(data.data(), data.size(), memory_.data() + at);
}

void RawFile::write(BytesView data) {
    if (in_memory_ && !has_room_for(data.size())) rollover();
    if (in_memory_) {
        write_in_memory(data, position_);
        position_ += data.size();
        return;
    }
    const int fd = descriptor();
    while (!data.empty()) {
        const ssize_t count = retried([&] { return ::write(fd, data.data(), data.size()); });
        if (count < 0) fail("write to");
        data = data.subview(static_cast<std::size_t>(count));
    }
}

std::int64_t RawFile::seek(std::int64_t offset, int whence) {
    if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) {
        throw ValueError("invalid whence (" + std::to_string(whence) + ", should be 0, 1 or 2)");
    }
    if (!in_memory_) {
        const off_t position = ::lseek(descriptor(), offset, whence);
        if (position < 0) fail("seek in");
        return position;
    }
    if (whence == SEEK_CUR) offset += static_cast<std::int64_t>(position_);
    if (whence == SEEK_END) offset += static_cast<std::int64_t>(memory_.size());
    if (offset < 0) raise_os_error(EINVAL, "seek in a file in memory");
    position_ = static_cast<std::size_t>(offset);
    return offset;
}

void RawFile::truncate(std::int64_t size) {
    if (size < 0) raise_os_error(EINVAL, "truncate '" + name_ + "'");
    if (in_memory_ && static_cast<std::size_t>(size) > max_size_) rollover();
    if (in_memory_) {
        memory_.resize(static_cast<std::size_t>(size));
        return;
    }
    const int fd = descriptor();
    if (retried([&] { return ::ftruncate(fd, size); }) < 0) fail("truncate");
}

std::size_t RawFile::pread(char* to, std::size_t most, std::int64_t offset) {
    if (in_memory_) {
        if (offset < 0) raise_os_error(EINVAL, "read from a file in memory");
        const auto at = static_cast<std::size_t>(offset);
        return at < memory_.size() ? memory_.copy(to, most, at) : 0;
    }
    const int fd = descriptor();
    std::size_t done = 0;
    while (done < most) {
        const ssize_t count =
            retried([&] { return ::pread(fd, to + done, most - done, offset + static_cast<off_t>(done)); });
        if (count < 0) fail("read from");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void RawFile::pwrite(BytesView data, std::int64_t offset) {
    if (in_memory_) {
        if (offset < 0) raise_os_error(EINVAL, "write to a file in memory");
        const auto at = static_cast<std::size_t>(offset);
        if (at <= max_size_ && data.size() <= max_size_ - at) return write_in_memory(data, at);
        rollover();
    }
    const int fd = descriptor();
    while (!data.empty()) {
        const ssize_t count = retried([&] { return ::pwrite(fd, data.data(), data.size(), offset); });
        if (count < 0) fail("write to");
        data = data.subview(static_cast<std::size_t>(count));
        offset += count;
    }
}

void RawFile::fsync() {
    if (in_memory_) return;
    const int fd = descriptor();
    if (retried([&] { return ::fsync(fd); }) < 0) fail("fsync");
}

std::size_t RawFile::remaining() {
    if (in_memory_) return memory_.size() - std::min(position_, memory_.size());
    struct ::stat found{};
    const int fd = descriptor();
    if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
    const off_t position = ::lseek(fd, 0, SEEK_CUR);
    return position >= 0 && position < found.st_size ? static_cast<std::size_t>(found.st_size - position) : 0;
}

void RawFile::rollover() {
    if (!in_memory_) return;
    RawFile file(open_unnamed(dir_), name_);
    file.write(memory_);
    file.seek(static_cast<std::int64_t>(position_), SEEK_SET);
    fd_ = std::move(file.fd_);
    in_memory_ = false;
    memory_ = std::string();
}

void RawFile::close() {
    if (std::exchange(in_memory_, false)) memory_ = std::string();
    if (fd() < 0) return;
    if (removed_at_close_) ::unlink(name_.c_str());
    // After EINTR, too, the descriptor is gone.
    if (::close(fd_.release()) != 0 && errno != EINTR) fail("close");
}

}  // namespace aio::fs::detail
