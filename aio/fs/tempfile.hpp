// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/fs/open.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <string>
#include <utility>

/// Files and folders that go by themselves. Mirrors aiofiles.tempfile: only this user may read them, and
/// nobody can foresee their names.
namespace aio::fs {

/// Keyword arguments of the functions below.
class TempOptions {
public:
    TempOptions() {}
    /// What the name begins with; "tmp" by default.
    TempOptions& prefix(std::string text) & {
        prefix_ = std::move(text);
        return *this;
    }
    TempOptions&& prefix(std::string text) && AIO_LIFETIME_BOUND {
        return std::move(this->prefix(std::move(text)));
    }
    /// What the name ends with.
    TempOptions& suffix(std::string text) & {
        suffix_ = std::move(text);
        return *this;
    }
    TempOptions&& suffix(std::string text) && AIO_LIFETIME_BOUND {
        return std::move(this->suffix(std::move(text)));
    }
    /// The folder it is in; gettempdir() by default.
    TempOptions& dir(std::string path) & {
        dir_ = std::move(path);
        return *this;
    }
    TempOptions&& dir(std::string path) && AIO_LIFETIME_BOUND {
        return std::move(this->dir(std::move(path)));
    }
    /// Whether a NamedTemporaryFile() is removed when it is closed; it is by default.
    TempOptions& delete_on_close(bool on) & {
        delete_on_close_ = on;
        return *this;
    }
    TempOptions&& delete_on_close(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->delete_on_close(on));
    }

    const std::string& get_prefix() const noexcept { return prefix_; }
    const std::string& get_suffix() const noexcept { return suffix_; }
    const std::string& get_dir() const noexcept { return dir_; }
    bool get_delete_on_close() const noexcept { return delete_on_close_; }

private:
    std::string prefix_ = "tmp";
    std::string suffix_;
    std::string dir_;
    bool delete_on_close_ = true;
};

/// Where temporary files are: $TMPDIR, $TEMP or $TMP if it names a folder, else /tmp.
std::string gettempdir();

/// A file without a name, for reading and writing ("w+b"), which is gone when it is closed.
/// Errors and cancellation, of all here: as those of open(); nothing is left of what was cancelled.
Opening TemporaryFile(TempOptions options);
Opening TemporaryFile();
/// The same with a name(), by which others may open it.
Opening NamedTemporaryFile(TempOptions options);
Opening NamedTemporaryFile();
/// The same that is kept in memory as long as it has at most `max_size` bytes: for uploads, most of which are
/// small. In memory its calls complete at once, in no thread.
Opening SpooledTemporaryFile(std::size_t max_size, TempOptions options);
Opening SpooledTemporaryFile(std::size_t max_size);

/// A folder that is removed with all that is in it. For async_with(), whose body is given its path.
///
///     co_await async_with(fs::TemporaryDirectory(), [](std::string path) -> Coro<> { ... });
///
/// Without async_with(): aenter() makes it, cleanup() removes it. The destructor leaves it alone.
class TemporaryDirectory {
public:
    TemporaryDirectory() = default;
    explicit TemporaryDirectory(TempOptions options) noexcept : options_(std::move(options)) {}

    /// Its path; empty before it is made and after cleanup().
    const std::string& name() const noexcept { return path_; }
    /// Removes it, now. One that is not there any more is no error.
    Coro<> cleanup();
    Coro<std::string> aenter();
    Coro<> aexit();

private:
    TempOptions options_;
    std::string path_;
};

}  // namespace aio::fs
