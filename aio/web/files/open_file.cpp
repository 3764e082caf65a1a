// SPDX-License-Identifier: MIT
#include <aio/web/files/open_file_impl.hpp>
#include <aio/web/files/static_files_impl.hpp>

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace aio::web::detail {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Each folder on the way, none of which may be a symbolic link: for kernels and sandboxes without openat2().
int open_step_by_step(int root, std::string_view path) {
    OwnedFd folder(::fcntl(root, F_DUPFD_CLOEXEC, 0));
    for (;;) {
        const std::size_t slash = path.find('/');
        const std::string name(path.substr(0, slash));
        if (name == "..") {
            errno = EXDEV;
            return -1;
        }
        if (slash == path.npos) {
            return ::openat(folder.get(), name.empty() ? "." : name.c_str(), kFlags | O_NOFOLLOW);
        }
        path.remove_prefix(slash + 1);
        if (name.empty() || name == ".") continue;
        OwnedFd next(::openat(folder.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        if (next.get() < 0) return -1;
        folder = std::move(next);
    }
}

/// `cached`: only what the kernel finds and opens without having to wait; else EAGAIN, or an error by which
/// an older kernel or a sandbox says that it does not know.
enum class Lookup { any, cached };

constexpr std::uint64_t kCached = 0x20;  // RESOLVE_CACHED, since Linux 5.12

int open_by(int folder, const std::string& path, int flags, std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = resolve;
    return static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
}

/// Whether to open it asks nobody: a network's file system asks its server, FUSE a program, a device its
/// driver.
bool is_file_of_disk(int fd) {
    struct statx info{};
    constexpr int kNow = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
    if (::statx(fd, "", kNow, STATX_TYPE, &info) != 0) return false;
    return S_ISREG(info.stx_mode) && info.stx_dev_major != 0;
}

int open_cached(int folder, const std::string& path, std::uint64_t resolve) {
    const OwnedFd found(open_by(folder, path, O_PATH | O_CLOEXEC, resolve | kCached));
    if (found.get() < 0) return -1;
    if (is_file_of_disk(found.get())) return open_by(folder, path, kFlags, resolve | kCached);
    errno = EAGAIN;
    return -1;
}

int open_in_root(int root, const std::string& path, bool follow_symlinks, Lookup lookup) {
    const std::uint64_t resolve = follow_symlinks ? 0 : RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    if (lookup == Lookup::cached) return open_cached(root, path, resolve);
    if (follow_symlinks) return ::openat(root, path.c_str(), kFlags);
    int fd = -1;
    int tries = 100;  // a link's ".." while somebody renames a folder, anywhere
    do {
        fd = open_by(root, path, kFlags, resolve);
    } while (fd < 0 && errno == EAGAIN && --tries > 0);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
    return open_step_by_step(root, path);
}

int open_at(const FilePlace& place, const std::string& path, Lookup lookup) {
    if (path.find('\0') != path.npos) {
        errno = ENOENT;
        return -1;
    }
    if (place.root.empty()) return open_in_root(AT_FDCWD, path, true, lookup);
    constexpr int kFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;
    const OwnedFd root(lookup == Lookup::cached ? open_by(AT_FDCWD, place.root, kFolder, kCached)
                                                : ::open(place.root.c_str(), kFolder));
    if (root.get() < 0) return -1;
    return open_in_root(root.get(), path.empty() ? "." : path, place.follow_symlinks, lookup);
}

OpenFile open_one(const FilePlace& place, const std::string& path, std::string_view coding, Lookup lookup) {
    OpenFile file;
    file.fd = OwnedFd(open_at(place, path, lookup));
    struct stat info{};
    if (file.fd.get() < 0 || ::fstat(file.fd.get(), &info) != 0) {
        file.error = errno;
        return file;
    }
    file.is_folder = S_ISDIR(info.st_mode);
    if (!S_ISREG(info.st_mode)) file.error = file.is_folder ? EISDIR : EACCES;
    file.size = static_cast<std::uint64_t>(info.st_size);
    file.modified_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
    file.coding = coding;
    return file;
}

/// Whether that is no answer to Lookup::cached.
bool is_unknown(const OpenFile& file) noexcept {
    const int error = file.error;
    return error == EAGAIN || error == EINVAL || error == ENOSYS || error == EPERM || error == EACCES;
}

/// The file or its compressed sibling; the last one that was tried if there is none.
OpenFile open_best(const FilePlace& place, AcceptedCodings accepted, Lookup lookup) {
    OpenFile file;
    file.error = ENOENT;
    const auto open_next = [&](const char* suffix, std::string_view coding) {
        if (file.error == 0 || (lookup == Lookup::cached && is_unknown(file))) return;
        file = open_one(place, place.path + suffix, coding, lookup);
    };
    if (accepted.br) open_next(".br", "br");
    if (accepted.gzip) open_next(".gz", "gzip");
    open_next("", {});
    return file;
}

}  // namespace

OpenFile open_file(const FilePlace& place, AcceptedCodings accepted) {
    OpenFile file = open_best(place, accepted, Lookup::any);
    if (file.is_folder && place.index_url) {
        file.page = folder_page(file.fd.get(), place.path, *place.index_url);
    }
    return file;
}

std::optional<OpenFile> open_cached_file(const FilePlace& place, AcceptedCodings accepted) {
    OpenFile file = open_best(place, accepted, Lookup::cached);
    if (is_unknown(file)) return std::nullopt;
    return file;
}

}  // namespace aio::web::detail
