// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file_state_impl.hpp>
#include <aio/fs/open.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace aio::fs {
namespace {

constexpr unsigned kPermissions = 0666;

void refuse_folder(const detail::Descriptor& fd, const std::string& path) {
    struct ::stat found{};
    if (::fstat(fd.get(), &found) == 0 && S_ISDIR(found.st_mode))
        raise_os_error(EISDIR, "open '" + path + "'");
}

// In a thread.
detail::FileRef open_here(const std::string& path, const std::string& mode, const OpenOptions& options) {
    const detail::Mode parsed = detail::parse_mode(mode);
    detail::Descriptor fd =
        detail::open_descriptor(path, parsed.flags | options.get_flags(), options.get_permissions());
    refuse_folder(fd, path);
    if (parsed.appends) ::lseek(fd.get(), 0, SEEK_END);
    return std::make_shared<detail::FileState>(mode, std::move(fd), path, parsed, options.get_limit());
}

Coro<File> open_file(std::string path, std::string mode, OpenOptions options) {
    detail::parse_mode(mode);  // what is wrong with it needs no thread
    auto opening = detail::in_thread("open", [path = std::move(path), mode = std::move(mode), options] {
        return open_here(path, mode, options);
    });
    detail::FileRef file = co_await std::move(opening);
    co_return File(std::move(file));
}

std::string read_here(const std::string& path) {
    const detail::Mode mode = detail::parse_mode("r");
    detail::Descriptor fd = detail::open_descriptor(path, mode.flags, kPermissions);
    refuse_folder(fd, path);
    detail::BufferedFile file(std::move(fd), path, mode, std::nullopt);
    file.fill_all();
    return file.take(std::string::npos);
}

std::size_t write_here(const std::string& path, const std::string& data) {
    const detail::Mode mode = detail::parse_mode("w");
    detail::BufferedFile file(detail::open_descriptor(path, mode.flags, kPermissions), path, mode,
                              std::nullopt);
    file.write(data);
    file.close();
    return data.size();
}

}  // namespace

Coro<File> Opening::aenter() {
    file_ = co_await std::move(coro_);
    co_return file_;
}
Coro<> Opening::aexit() { return file_.close(); }

Opening open(std::string path, std::string mode, OpenOptions options) {
    return Opening(open_file(std::move(path), std::move(mode), options));
}
Opening open(std::string path, std::string mode) {
    return open(std::move(path), std::move(mode), OpenOptions());
}

Coro<std::string> read_bytes(std::string path) {
    return detail::in_thread("read_bytes", [path = std::move(path)] { return read_here(path); });
}
Coro<std::string> read_text(std::string path) { return read_bytes(std::move(path)); }
Coro<std::size_t> write_bytes(std::string path, std::string data) {
    return detail::in_thread(
        "write_bytes", [path = std::move(path), data = std::move(data)] { return write_here(path, data); });
}
Coro<std::size_t> write_text(std::string path, std::string text) {
    return write_bytes(std::move(path), std::move(text));
}

}  // namespace aio::fs
