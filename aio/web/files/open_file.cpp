// SPDX-License-Identifier: MIT
#include <aio/web/files/open_file_impl.hpp>
#include <aio/web/files/static_files_impl.hpp>

#include <cerrno>

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

int open_in_root(int root, const std::string& path, bool follow_symlinks) {
    if (follow_symlinks) return ::openat(root, path.c_str(), kFlags);
    open_how how{};
    how.flags = kFlags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(fd);
    return open_step_by_step(root, path);
}

int open_at(const FilePlace& place, const std::string& path) {
    if (path.find('\0') != path.npos) {
        errno = ENOENT;
        return -1;
    }
    if (place.root.empty()) return ::open(path.c_str(), kFlags);
    const OwnedFd root(::open(place.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.get() < 0) return -1;
    return open_in_root(root.get(), path.empty() ? "." : path, place.follow_symlinks);
}

OpenFile open_one(const FilePlace& place, const std::string& path, std::string_view coding) {
    OpenFile file;
    file.fd = OwnedFd(open_at(place, path));
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

}  // namespace

OpenFile open_file(const FilePlace& place, AcceptedCodings accepted) {
    if (accepted.br) {
        OpenFile file = open_one(place, place.path + ".br", "br");
        if (file.error == 0) return file;
    }
    if (accepted.gzip) {
        OpenFile file = open_one(place, place.path + ".gz", "gzip");
        if (file.error == 0) return file;
    }
    OpenFile file = open_one(place, place.path, {});
    if (file.is_folder && place.index_url) {
        file.page = folder_page(file.fd.get(), place.path, *place.index_url);
    }
    return file;
}

}  // namespace aio::web::detail
