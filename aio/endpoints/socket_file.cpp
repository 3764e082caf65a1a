// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/endpoints/socket_file_impl.hpp>
#include <aio/loop/detail/fork.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace aio::detail {
namespace {

// The program may go to another folder meanwhile.
std::string absolute(const std::string& path) {
    if (path.starts_with('/')) return path;
    const std::unique_ptr<char, decltype(&std::free)> folder(::getcwd(nullptr, 0), &std::free);
    return folder ? std::string(folder.get()) + "/" + path : path;
}

bool is_socket(const std::string& path, struct stat& found) noexcept {
    return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

SocketFile::SocketFile(const std::string& path) : path_(absolute(path)), generation_(fork_generation) {
    struct stat found{};
    if (!is_socket(path_, found)) path_.clear();  // somebody was faster
    device_ = found.st_dev;
    inode_ = found.st_ino;
}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
    generation_ = other.generation_;
    return *this;
}

// As long as the socket is open no other file gets the number of its inode.
void SocketFile::remove() noexcept {
    const std::string path = std::exchange(path_, {});
    if (path.empty() || generation_ != fork_generation) return;
    struct stat found{};
    if (!is_socket(path, found) || found.st_dev != device_ || found.st_ino != inode_) return;
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return;
    const int error = errno;
    log_text(LogLevel::error, [&] {
        return "Unable to clean up listening UNIX socket '" + path +
               "': " + std::generic_category().message(error);
    });
}

void SocketFile::remove_stale(const SocketAddress& address, int type) {
    const std::string path = address.path();
    struct stat before{};
    if (!is_socket(path, before)) return;
    const Socket probe = type == SOCK_DGRAM ? Socket::datagram(AF_UNIX) : Socket::stream(AF_UNIX);
    if (::connect(probe.fileno(), address.native(), address.native_size()) == 0) return;
    if (errno != ECONNREFUSED) return;
    struct stat now{};
    if (is_socket(path, now) && now.st_ino == before.st_ino && now.st_dev == before.st_dev) {
        ::unlink(path.c_str());
    }
}

SocketAddress unix_address(const std::string& path) {
    if (path.empty()) throw ValueError("the path of a Unix socket must not be empty");
    return SocketAddress::unix_path(path);
}

}  // namespace aio::detail
