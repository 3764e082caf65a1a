// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/fs/os_impl.hpp>
#include <aio/fs/raw_file_impl.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

namespace aio::fs::detail {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder open_folder(int above, const char* name, const std::string& path) {
    Descriptor fd(
        ::openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (above == AT_FDCWD ? 0 : O_NOFOLLOW)));
    if (fd.get() < 0) raise_errno("open folder", path);
    Folder folder(::fdopendir(fd.get()));
    if (!folder) raise_errno("open folder", path);
    static_cast<void>(fd.release());
    return folder;
}

/// The next entry, without "." and ".."; null at the end.
const dirent* next_entry(DIR* folder, const std::string& path) {
    for (;;) {
        errno = 0;
        const dirent* const entry = ::readdir(folder);
        if (!entry) {
            if (errno != 0) raise_errno("read folder", path);
            return nullptr;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") return entry;
    }
}

// By its type in the folder, or if the file system keeps none there, by asking.
std::uint32_t kind_of(int folder, const dirent& entry) noexcept {
    if (entry.d_type != DT_UNKNOWN) return static_cast<std::uint32_t>(DTTOIF(entry.d_type));
    struct ::stat found{};
    if (::fstatat(folder, entry.d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) return 0;
    return found.st_mode & S_IFMT;
}

std::uint32_t target_kind_of(int folder, const dirent& entry, std::uint32_t kind) noexcept {
    if (kind != S_IFLNK) return kind;
    struct ::stat found{};
    return ::fstatat(folder, entry.d_name, &found, 0) == 0 ? found.st_mode & S_IFMT : 0;
}

// Removes all that is in it. One folder of each depth is open at a time; by their descriptors, so that nobody
// can put a link to elsewhere in the place of one.
void empty_folder(DIR* folder, const std::string& path) {
    const int fd = ::dirfd(folder);
    while (const dirent* const entry = next_entry(folder, path)) {
        const std::string name = entry->d_name;
        const std::string whole = path + "/" + name;
        if (kind_of(fd, *entry) == S_IFDIR) {
            const Folder inner = open_folder(fd, name.c_str(), whole);
            empty_folder(inner.get(), whole);
            if (::unlinkat(fd, name.c_str(), AT_REMOVEDIR) != 0) raise_errno("remove folder", whole);
        } else if (::unlinkat(fd, name.c_str(), 0) != 0) {
            raise_errno("remove", whole);
        }
    }
}

bool is_folder(const std::string& path) noexcept {
    struct ::stat found{};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

void raise_errno(const char* operation, const std::string& path) {
    raise_os_error(errno, std::string(operation) + " '" + path + "'");
}

std::string_view folder_of(std::string_view path) noexcept {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos) return {};
    const std::size_t last = path.find_last_not_of('/', slash);
    return last == path.npos ? path.substr(0, slash + 1) : path.substr(0, last + 1);
}

void make_folder_at(const std::string& path, unsigned mode) {
    if (::mkdir(c_path(path), mode) != 0) raise_errno("make folder", path);
}

void make_folders(const std::string& path, unsigned mode, bool exist_ok) {
    c_path(path);
    std::string whole = path;
    while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
    const std::string above(folder_of(whole));
    if (!above.empty() && above != whole && !is_folder(above)) make_folders(above, 0777, true);
    if (::mkdir(whole.c_str(), mode) == 0) return;
    const int error = errno;
    // Another one may have made it in between; and some systems say something else of what is there.
    if (exist_ok && is_folder(whole)) return;
    errno = error;
    raise_errno("make folder", path);
}

void remove_folder(const std::string& path) {
    if (::rmdir(c_path(path)) != 0) raise_errno("remove folder", path);
}

void remove_empty_above(const std::string& path) {
    std::string_view whole = path;
    while (whole.size() > 1 && whole.ends_with('/')) whole.remove_suffix(1);
    for (std::string_view above = folder_of(whole); !above.empty() && above != whole;
         above = folder_of(above)) {
        if (::rmdir(std::string(above).c_str()) != 0) return;
        whole = above;
    }
}

void remove_tree(const std::string& path) {
    struct ::stat found{};
    if (::lstat(c_path(path), &found) != 0) raise_errno("remove folder", path);
    if (S_ISLNK(found.st_mode)) throw OSError("Cannot call rmtree on a symbolic link: '" + path + "'");
    {
        const Folder folder = open_folder(AT_FDCWD, path.c_str(), path);
        empty_folder(folder.get(), path);
    }
    remove_folder(path);
}

std::vector<std::string> names_in(const std::string& path) {
    const Folder folder = open_folder(AT_FDCWD, c_path(path), path);
    std::vector<std::string> names;
    while (const dirent* const entry = next_entry(folder.get(), path)) names.emplace_back(entry->d_name);
    return names;
}

std::vector<DirEntry> entries_of(const std::string& path) {
    const Folder folder = open_folder(AT_FDCWD, c_path(path), path);
    const int fd = ::dirfd(folder.get());
    const std::string before = path.ends_with('/') ? path : path + "/";
    std::vector<DirEntry> entries;
    while (const dirent* const entry = next_entry(folder.get(), path)) {
        DirEntry& made = entries.emplace_back();
        made.name = entry->d_name;
        made.path = before + made.name;
        made.kind = kind_of(fd, *entry);
        made.target_kind = target_kind_of(fd, *entry, made.kind);
    }
    return entries;
}

}  // namespace aio::fs::detail
