// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/operation_impl.hpp>
#include <aio/fs/os.hpp>
#include <aio/fs/os_impl.hpp>
#include <aio/fs/raw_file_impl.hpp>
#include <aio/fs/stat_impl.hpp>

#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <optional>

namespace aio::fs {
namespace detail {
namespace {

[[noreturn]] void raise_of_two(const char* operation, const std::string& from, const std::string& to) {
    raise_os_error(errno, std::string(operation) + " '" + from + "' -> '" + to + "'");
}

// What never is an error.
std::optional<Stat> look_at(const std::string& path, bool follow) {
    struct ::stat found{};
    if (path.find('\0') != path.npos) return std::nullopt;
    if ((follow ? ::stat(path.c_str(), &found) : ::lstat(path.c_str(), &found)) != 0) return std::nullopt;
    return to_stat(found);
}

// Whether what is looked at is so.
template <class F>
Coro<bool> asked(const char* name, std::string path, bool follow, F is) {
    return in_thread(name, [path = std::move(path), follow, is] {
        const std::optional<Stat> found = look_at(path, follow);
        return found && is(*found);
    });
}

std::string link_text(const std::string& path) {
    std::string text(256, '\0');
    for (;;) {
        const ssize_t count = ::readlink(c_path(path), text.data(), text.size());
        if (count < 0) raise_errno("readlink", path);
        const bool whole = static_cast<std::size_t>(count) < text.size();
        text.resize(whole ? static_cast<std::size_t>(count) : text.size() * 2);
        if (whole) return text;
    }
}

Coro<> rename_in_thread(const char* name, std::string from, std::string to) {
    return in_thread(name, [from = std::move(from), to = std::move(to)] { rename_path(from, to); });
}

Coro<> remove_in_thread(const char* name, std::string path) {
    return in_thread(name, [path = std::move(path)] {
        if (::unlink(c_path(path)) != 0) raise_errno("remove", path);
    });
}

}  // namespace

Stat stat_path(const std::string& path, bool follow) {
    struct ::stat found{};
    const char* const name = c_path(path);
    if ((follow ? ::stat(name, &found) : ::lstat(name, &found)) != 0)
        raise_errno(follow ? "stat" : "lstat", path);
    return to_stat(found);
}

void rename_path(const std::string& from, const std::string& to) {
    if (::rename(c_path(from), c_path(to)) != 0) raise_of_two("rename", from, to);
}

}  // namespace detail

Coro<Stat> stat(std::string path) {
    return detail::in_thread("stat", [path = std::move(path)] { return detail::stat_path(path, true); });
}
Coro<Stat> lstat(std::string path) {
    return detail::in_thread("lstat", [path = std::move(path)] { return detail::stat_path(path, false); });
}

Coro<bool> exists(std::string path) {
    return detail::asked("exists", std::move(path), true, [](const Stat&) { return true; });
}
Coro<bool> lexists(std::string path) {
    return detail::asked("lexists", std::move(path), false, [](const Stat&) { return true; });
}
Coro<bool> isfile(std::string path) {
    return detail::asked("isfile", std::move(path), true, [](const Stat& found) { return found.is_file(); });
}
Coro<bool> isdir(std::string path) {
    return detail::asked("isdir", std::move(path), true, [](const Stat& found) { return found.is_dir(); });
}
Coro<bool> islink(std::string path) {
    return detail::asked("islink", std::move(path), false,
                         [](const Stat& found) { return found.is_symlink(); });
}
Coro<bool> access(std::string path, int mode) {
    return detail::in_thread("access", [path = std::move(path), mode] {
        return path.find('\0') == path.npos && ::access(path.c_str(), mode) == 0;
    });
}
Coro<std::int64_t> getsize(std::string path) {
    return detail::in_thread("getsize",
                             [path = std::move(path)] { return detail::stat_path(path, true).st_size; });
}

Coro<> rename(std::string from, std::string to) {
    return detail::rename_in_thread("rename", std::move(from), std::move(to));
}
Coro<> replace(std::string from, std::string to) {
    return detail::rename_in_thread("replace", std::move(from), std::move(to));
}
Coro<> renames(std::string from, std::string to) {
    return detail::in_thread("renames", [from = std::move(from), to = std::move(to)] {
        const std::string above(detail::folder_of(to));
        if (!above.empty()) detail::make_folders(above, 0777, true);
        detail::rename_path(from, to);
        detail::remove_empty_above(from);
    });
}
Coro<> remove(std::string path) { return detail::remove_in_thread("remove", std::move(path)); }
Coro<> unlink(std::string path) { return detail::remove_in_thread("unlink", std::move(path)); }

Coro<> mkdir(std::string path, unsigned mode) {
    return detail::in_thread("mkdir", [path = std::move(path), mode] { detail::make_folder_at(path, mode); });
}
Coro<> makedirs(std::string path, unsigned mode, bool exist_ok) {
    return detail::in_thread(
        "makedirs", [path = std::move(path), mode, exist_ok] { detail::make_folders(path, mode, exist_ok); });
}
Coro<> rmdir(std::string path) {
    return detail::in_thread("rmdir", [path = std::move(path)] { detail::remove_folder(path); });
}
Coro<> removedirs(std::string path) {
    return detail::in_thread("removedirs", [path = std::move(path)] {
        detail::remove_folder(path);
        detail::remove_empty_above(path);
    });
}
Coro<> rmtree(std::string path) {
    return detail::in_thread("rmtree", [path = std::move(path)] { detail::remove_tree(path); });
}

Coro<std::vector<std::string>> listdir(std::string path) {
    return detail::in_thread("listdir", [path = std::move(path)] { return detail::names_in(path); });
}
Coro<std::vector<DirEntry>> scandir(std::string path) {
    return detail::in_thread("scandir", [path = std::move(path)] { return detail::entries_of(path); });
}

Coro<> link(std::string target, std::string path) {
    return detail::in_thread("link", [target = std::move(target), path = std::move(path)] {
        if (::link(detail::c_path(target), detail::c_path(path)) != 0)
            detail::raise_of_two("link", target, path);
    });
}
Coro<> symlink(std::string target, std::string path) {
    return detail::in_thread("symlink", [target = std::move(target), path = std::move(path)] {
        if (::symlink(detail::c_path(target), detail::c_path(path)) != 0)
            detail::raise_of_two("symlink", target, path);
    });
}
Coro<std::string> readlink(std::string path) {
    return detail::in_thread("readlink", [path = std::move(path)] { return detail::link_text(path); });
}

}  // namespace aio::fs
