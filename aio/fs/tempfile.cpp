// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file_state_impl.hpp>
#include <aio/fs/os_impl.hpp>
#include <aio/fs/tempfile.hpp>
#include <aio/fs/temporary_name_impl.hpp>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>

namespace aio::fs {
namespace detail {
namespace {

constexpr unsigned kOwnerOnly = 0600;
constexpr int kAttempts = 100;
constexpr const char* kMode = "w+b";

// 40 random bits, as in Python.
std::string random_name() {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz012345";
    unsigned char bytes[8] = {};
    if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) raise_os_error(errno, "getrandom");
    std::string name;
    for (const unsigned char byte : bytes) name += kLetters[byte % kLetters.size()];
    return name;
}

// Tries names until make(path) has not found one taken.
template <class F>
std::string with_new_name(const std::string& dir, const std::string& prefix, const std::string& suffix,
                          F make) {
    const std::string folder = temporary_folder(dir);
    for (int attempt = 1;; ++attempt) {
        std::string path = folder + "/" + prefix + random_name() + suffix;
        try {
            make(path);
            return path;
        } catch (const FileExistsError&) {
            if (attempt == kAttempts) throw;
        }
    }
}

// A file is gone that nobody gets to know of.
struct RemoveUnless {
    explicit RemoveUnless(const std::string& file) noexcept : path(file) {}
    RemoveUnless(const RemoveUnless&) = delete;
    RemoveUnless& operator=(const RemoveUnless&) = delete;
    ~RemoveUnless() {
        if (!kept) ::unlink(path.c_str());
    }
    const std::string& path;
    bool kept = false;
};

FileRef make_named(const TempOptions& options) {
    auto made = open_named(options.get_dir(), options.get_prefix(), options.get_suffix());
    RemoveUnless guard(made.second);
    auto file = std::make_shared<FileState>(kMode, std::move(made.first), made.second, parse_mode(kMode),
                                            std::nullopt);
    if (options.get_delete_on_close()) file->file().raw().remove_at_close();
    guard.kept = true;
    return file;
}

FileRef make_unnamed(const TempOptions& options) {
    Descriptor fd = open_unnamed(options.get_dir());
    return std::make_shared<FileState>(kMode, std::move(fd), std::string(), parse_mode(kMode), std::nullopt);
}

Coro<File> made_in_thread(const char* name, FileRef (*make)(const TempOptions&), TempOptions options) {
    auto making = in_thread(name, [make, options = std::move(options)] { return make(options); });
    FileRef file = co_await std::move(making);
    co_return File(std::move(file));
}

Coro<File> make_spooled(std::size_t max_size, TempOptions options) {
    co_return File(std::make_shared<FileState>(kMode, max_size, options.get_dir(), parse_mode(kMode)));
}

}  // namespace

std::string temporary_folder(const std::string& dir) {
    if (!dir.empty()) return dir;
    for (const char* const variable : {"TMPDIR", "TEMP", "TMP"}) {
        const char* const folder = std::getenv(variable);
        struct ::stat found{};
        if (folder && *folder && ::stat(folder, &found) == 0 && S_ISDIR(found.st_mode)) return folder;
    }
    return "/tmp";
}

Descriptor open_unnamed(const std::string& dir) {
    const std::string folder = temporary_folder(dir);
    try {
        return open_descriptor(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnerOnly);
    } catch (const OSError& error) {  // not all file systems have that
        if (error.error_number() != EOPNOTSUPP && error.error_number() != EISDIR) throw;
    }
    auto made = open_named(folder, "tmp", "");
    ::unlink(made.second.c_str());
    return std::move(made.first);
}

std::pair<Descriptor, std::string> open_named(const std::string& dir, const std::string& prefix,
                                              const std::string& suffix) {
    Descriptor fd;
    std::string path = with_new_name(dir, prefix, suffix, [&fd](const std::string& tried) {
        fd = open_descriptor(tried, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly);
    });
    return {std::move(fd), std::move(path)};
}

std::string make_folder(const std::string& dir, const std::string& prefix, const std::string& suffix) {
    return with_new_name(dir, prefix, suffix,
                         [](const std::string& tried) { make_folder_at(tried, kOwnerOnly | 0100); });
}

}  // namespace detail

std::string gettempdir() { return detail::temporary_folder(std::string()); }

Opening TemporaryFile(TempOptions options) {
    return Opening(detail::made_in_thread("TemporaryFile", detail::make_unnamed, std::move(options)));
}
Opening TemporaryFile() { return TemporaryFile(TempOptions()); }
Opening NamedTemporaryFile(TempOptions options) {
    return Opening(detail::made_in_thread("NamedTemporaryFile", detail::make_named, std::move(options)));
}
Opening NamedTemporaryFile() { return NamedTemporaryFile(TempOptions()); }
Opening SpooledTemporaryFile(std::size_t max_size, TempOptions options) {
    return Opening(detail::make_spooled(max_size, std::move(options)));
}
Opening SpooledTemporaryFile(std::size_t max_size) { return SpooledTemporaryFile(max_size, TempOptions()); }

namespace {

// A folder that is made for somebody who is not there any more goes again.
struct MadeFolder {
    explicit MadeFolder(std::string made) noexcept : path(std::move(made)) {}
    MadeFolder(MadeFolder&& other) noexcept : path(std::exchange(other.path, std::string())) {}
    MadeFolder& operator=(MadeFolder&&) = delete;
    ~MadeFolder() {
        if (!path.empty()) ::rmdir(path.c_str());
    }
    std::string path;
};

void remove_if_there(const std::string& path) {
    try {
        detail::remove_tree(path);
    } catch (const FileNotFoundError&) {
    }
}

}  // namespace

Coro<std::string> TemporaryDirectory::aenter() {
    auto making = detail::in_thread("TemporaryDirectory", [options = options_] {
        return MadeFolder(detail::make_folder(options.get_dir(), options.get_prefix(), options.get_suffix()));
    });
    MadeFolder made = co_await std::move(making);
    path_ = std::exchange(made.path, std::string());
    co_return path_;
}

Coro<> TemporaryDirectory::cleanup() {
    if (path_.empty()) co_return;
    auto removing = detail::in_thread("cleanup", [path = path_] { remove_if_there(path); });
    co_await std::move(removing);
    path_.clear();
}
Coro<> TemporaryDirectory::aexit() { return cleanup(); }

}  // namespace aio::fs
