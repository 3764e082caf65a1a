// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/concurrent/to_thread.hpp>
#include <aio/http/body/file_pieces_impl.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace aio::http::detail {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{64} * 1024;

class DescriptorCopy {
public:
    explicit DescriptorCopy(int fd) : fd_(::fcntl(fd, F_DUPFD_CLOEXEC, 3)) {
        if (fd_ < 0) raise_os_error(errno, "copy of the descriptor of a file that is sent");
    }
    DescriptorCopy(const DescriptorCopy&) = delete;
    DescriptorCopy& operator=(const DescriptorCopy&) = delete;
    ~DescriptorCopy() { ::close(fd_); }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

// One call of the system; empty at the end of the file.
std::string read_at(const std::shared_ptr<const DescriptorCopy>& file, std::uint64_t offset,
                    std::size_t most) {
    std::string piece(most, '\0');
    ssize_t got = -1;
    do {
        got = ::pread(file->get(), piece.data(), most, static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) raise_os_error(errno, "reading a file that is sent");
    piece.resize(static_cast<std::size_t>(got));
    return piece;
}

}  // namespace

std::string ended_early(std::uint64_t missing) {
    return "the file ended " + std::to_string(missing) + " bytes early";
}

Coro<> write_pieces_of(BodyWriter& to, int file, std::uint64_t offset, std::uint64_t count) {
    const auto copy = std::make_shared<const DescriptorCopy>(file);
    while (count > 0) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(count, kReadAtOnce));
        const std::string piece = co_await to_thread(read_at, copy, offset, most);
        if (piece.empty()) throw RuntimeError(ended_early(count));
        to.write(piece);
        co_await to.drain();
        offset += piece.size();
        count -= piece.size();
    }
}

}  // namespace aio::http::detail
