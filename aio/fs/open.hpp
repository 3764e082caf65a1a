// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/fs/file.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace aio::fs {

/// Keyword arguments of open().
class OpenOptions {
public:
    OpenOptions() {}
    /// Who may do what with a file that is made, less the process's umask; 0666 by default.
    OpenOptions& permissions(unsigned mode) & {
        permissions_ = mode;
        return *this;
    }
    OpenOptions&& permissions(unsigned mode) && AIO_LIFETIME_BOUND {
        return std::move(this->permissions(mode));
    }
    /// Further flags of open(2), such as O_NOFOLLOW.
    OpenOptions& flags(int flags) & {
        flags_ = flags;
        return *this;
    }
    OpenOptions&& flags(int flags) && AIO_LIFETIME_BOUND { return std::move(this->flags(flags)); }
    /// How many bytes a line, or what read() gives of everything, may have. By default a line and all of a
    /// device or pipe, which may never end, may have 64 MiB, and all of a file as many as it has.
    OpenOptions& limit(std::size_t bytes) & {
        limit_ = bytes;
        return *this;
    }
    OpenOptions&& limit(std::size_t bytes) && AIO_LIFETIME_BOUND { return std::move(this->limit(bytes)); }

    unsigned get_permissions() const noexcept { return permissions_; }
    int get_flags() const noexcept { return flags_; }
    const std::optional<std::size_t>& get_limit() const noexcept { return limit_; }

private:
    unsigned permissions_ = 0666;
    int flags_ = 0;
    std::optional<std::size_t> limit_;
};

/// A file that is about to be opened: to be awaited, which gives the File, or handed to async_with(), which
/// opens it, gives it to its body, and closes it.
class [[nodiscard("nothing is opened until this is awaited")]] Opening {
public:
    using CoroResult = File;  // for the library

    explicit Opening(Coro<File> coro) noexcept : coro_(std::move(coro)) {}

    aio::detail::CoroAwaiter<File> operator co_await() noexcept { return coro_.operator co_await(); }
    Coro<File> aenter();
    Coro<> aexit();

private:
    Coro<File> coro_;
    File file_;
};

/// Opens a file. Mirrors aiofiles.open(): `mode` is Python's, one of r, w, a and x, with + and b or t.
///
///     co_await async_with(fs::open("notes.txt"), [](fs::File file) -> Coro<> {
///         while (auto line = co_await file.next_line()) std::cout << *line;
///     });
///
/// Cancellation: immediate; a file that a thread opens nevertheless is closed again.
/// Throws FileNotFoundError, PermissionError, FileExistsError, OSError; IsADirectoryError for a folder;
/// ValueError for a mode that is none.
Opening open(std::string path, std::string mode, OpenOptions options);
Opening open(std::string path, std::string mode = "r");

/// All of a file, or all that a file is to hold, in one call of a thread. Mirror pathlib.Path.read_bytes()
/// and its kin; text is bytes. What is written gives how much that is. Errors and cancellation: as those of
/// open() and File; a cancelled write that a thread has begun is done.
Coro<std::string> read_bytes(std::string path);
Coro<std::string> read_text(std::string path);
Coro<std::size_t> write_bytes(std::string path, std::string data);
Coro<std::size_t> write_text(std::string path, std::string text);

}  // namespace aio::fs
