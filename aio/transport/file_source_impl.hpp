// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>
#include <aio/transport/sendfile.hpp>
#include <aio/transport/socket.hpp>

#include <sys/types.h>
#include <cstddef>
#include <cstdint>
#include <string>

namespace aio::detail {

class FdWait;

/// A file that is being sent: how much of it is left, and the ways to get at it. Leaves the file's position
/// behind what was sent.
class FileSource {
public:
    /// Throws ValueError for options that cannot be.
    FileSource(int file, const SendfileOptions& options);
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;
    ~FileSource();

    std::uint64_t sent() const noexcept { return sent_; }
    /// Whether the kernel can send it to a socket.
    bool native() const noexcept { return kind_ != Kind::other; }
    /// Has the kernel send a part to `socket`: how much, 0 when nothing is left, or -1 and errno.
    ssize_t send_to(int socket) noexcept;
    /// After EAGAIN: whether it is this file that has nothing yet.
    bool is_empty_now() const noexcept;
    /// Until there is something to read, or stop(); lets others run in any case. Cancellation: immediate.
    Coro<> wait_readable();
    /// Nobody wants more of it: ends the wait, and read() gives nothing.
    void stop() noexcept;
    /// The next bytes, `most` at most and without the kernel's help; empty when nothing is left.
    /// Cancellation: immediate. Throws OSError.
    Coro<std::string> read(std::size_t most);
    /// So many of the bytes that were read are sent.
    void count(std::size_t bytes) noexcept { sent_ += bytes; }

private:
    enum class Kind : std::uint8_t { regular, pipe, other };
    std::uint64_t left() const noexcept { return count_ - sent_; }

    int fd_;
    Kind kind_ = Kind::other;
    bool seekable_ = false;
    std::uint64_t offset_;
    std::uint64_t count_;  ///< how much is to be sent at most
    std::uint64_t sent_ = 0;
    FdWait* waiting_ = nullptr;  ///< in wait_readable()
    bool stopped_ = false;
};

/// Where send_by_kernel() sends to.
class SendfileTarget {
public:
    /// Throws if there is nobody to send to any more.
    virtual int socket() const = 0;
    /// Until it takes more.
    virtual Coro<> wait_writable() = 0;

protected:
    ~SendfileTarget() = default;
};

/// Has the kernel send all of the source. Whether it can; if not, nothing was sent. Throws OSError.
Coro<bool> send_by_kernel(FileSource& source, SendfileTarget& target);

}  // namespace aio::detail
