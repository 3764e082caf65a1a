// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/concurrent/to_thread.hpp>
#include <aio/task/sleep.hpp>
#include <aio/transport/async_fd.hpp>
#include <aio/transport/file_source_impl.hpp>
#include <aio/transport/no_sigpipe_impl.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <limits>

namespace aio::detail {
namespace {

// What one call sends at most: the kernel goes on as long as the peer takes it, and others wait.
constexpr std::uint64_t kMostPerCall = 1024 * 1024;

// In a thread: a disk may take its time.
std::string read_at(int fd, std::uint64_t offset, std::size_t most) {
    std::string text(most, '\0');
    ssize_t count = 0;
    do {
        count = ::pread(fd, text.data(), most, static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    if (count < 0) raise_os_error(errno, "read from descriptor " + std::to_string(fd));
    text.resize(static_cast<std::size_t>(count));
    return text;
}

// No edge would tell of it.
bool takes_more(int socket) noexcept {
    pollfd room{socket, POLLOUT, 0};
    return ::poll(&room, 1, 0) > 0;
}

bool kernel_cannot(int error) noexcept { return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP; }

}  // namespace

FileSource::FileSource(int file, const SendfileOptions& options)
    : fd_(file),
      offset_(options.get_offset()),
      count_(options.has_count() ? options.get_count() : (std::numeric_limits<std::uint64_t>::max)()) {
    if (count_ == 0) throw ValueError("count must be a positive integer (got 0)");
    struct stat found{};
    if (::fstat(file, &found) != 0) raise_os_error(errno, "descriptor " + std::to_string(file));
    if (S_ISREG(found.st_mode)) kind_ = Kind::regular;
    if (S_ISFIFO(found.st_mode)) kind_ = Kind::pipe;
    seekable_ = ::lseek(file, 0, SEEK_CUR) >= 0;
    if (offset_ > 0 && !seekable_) throw ValueError("a file that cannot be sought has no offset");
}

FileSource::~FileSource() {
    if (sent_ > 0 && seekable_) ::lseek(fd_, static_cast<off_t>(offset_ + sent_), SEEK_SET);
}

ssize_t FileSource::send_to(int socket) noexcept {
    const auto most = static_cast<std::size_t>(std::min(left(), kMostPerCall));
    if (most == 0) return 0;
    ssize_t result = 0;
    do {
        result = without_sigpipe(most, [&] {
            constexpr unsigned kNow = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
            if (kind_ == Kind::pipe) return ::splice(fd_, nullptr, socket, nullptr, most, kNow);
            auto at = static_cast<off_t>(offset_ + sent_);
            return ::sendfile(socket, fd_, &at, most);
        });
    } while (result < 0 && errno == EINTR);
    if (result > 0) count(static_cast<std::size_t>(result));
    return result;
}

bool FileSource::is_empty_now() const noexcept {
    if (kind_ != Kind::pipe) return false;
    pollfd file{fd_, POLLIN, 0};
    return ::poll(&file, 1, 0) == 0;
}

Coro<> FileSource::wait_readable() {
    struct Joined {
        Ref<FdState> state;
        ~Joined() { state->leave(); }
    } const joined{FdState::join(get_running_loop(), fd_)};
    joined.state->clear(io::readable, joined.state->number());
    if (stopped_) co_return;
    if (joined.state->look(io::readable)) {
        co_await sleep(Duration::zero());  // a file that always has something would keep the loop
        co_return;
    }
    FdWait wait(joined.state, io::readable, std::nullopt);
    struct Waiting {
        FdWait*& place;
        ~Waiting() { place = nullptr; }
    } const waiting{waiting_ = &wait};
    co_await wait;
}

void FileSource::stop() noexcept {
    stopped_ = true;
    if (waiting_ && waiting_->linked()) waiting_->wake_up(true);
}

Coro<std::string> FileSource::read(std::size_t most) {
    most = static_cast<std::size_t>(std::min<std::uint64_t>(left(), most));
    if (most == 0) co_return std::string();
    if (seekable_) {
        auto reading = to_thread(read_at, fd_, offset_ + sent_, most);
        co_return co_await std::move(reading);
    }
    std::string text(most, '\0');
    for (;;) {
        co_await wait_readable();
        if (stopped_) co_return std::string();
        const ssize_t count = ::read(fd_, text.data(), most);
        if (count >= 0) {
            text.resize(static_cast<std::size_t>(count));
            co_return std::move(text);
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            raise_os_error(errno, "read from descriptor " + std::to_string(fd_));
        }
    }
}

Coro<bool> send_by_kernel(FileSource& source, SendfileTarget& target) {
    if (!source.native()) co_return false;
    std::uint64_t at_once = 0;  // sent since others could run
    for (;;) {
        const ssize_t result = source.send_to(target.socket());
        const int error = errno;
        if (result == 0) co_return true;
        if (result > 0) {
            at_once += static_cast<std::uint64_t>(result);
            if (at_once < kMostPerCall) continue;
            co_await sleep(Duration::zero());
            at_once = 0;
        } else if (error == EAGAIN || error == EWOULDBLOCK) {
            if (source.is_empty_now()) {
                co_await source.wait_readable();
            } else if (takes_more(target.socket())) {  // the file was empty, or there is room by now
                co_await sleep(Duration::zero());
            } else {
                co_await target.wait_writable();
            }
            at_once = 0;
        } else if (source.sent() == 0 && kernel_cannot(error)) {
            co_return false;
        } else {
            raise_os_error(error, "sendfile to " + TransportSocket(target.socket()).repr());
        }
    }
}

}  // namespace aio::detail
