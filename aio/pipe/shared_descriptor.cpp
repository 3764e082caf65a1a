// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/pipe/shared_descriptor_impl.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <cerrno>
#include <string>
#include <utility>

namespace aio::detail {
namespace {

[[noreturn]] void fail(int fd) { raise_os_error(errno, "use descriptor " + std::to_string(fd)); }

// Opening one gives another terminal.
bool is_master_of_terminal(int fd) noexcept {
    unsigned number = 0;
    return ::ioctl(fd, TIOCGPTN, &number) == 0;
}

Socket open_again(int fd, PipeEnd end) {
    if (is_master_of_terminal(fd)) return Socket();
    const int direction = end == PipeEnd::reading ? O_RDONLY : O_WRONLY;
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    Socket own(::open(path.c_str(), direction | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    // It must not become standard output, where that is closed.
    if (own && own.fileno() < 3) own = Socket(::fcntl(own.fileno(), F_DUPFD_CLOEXEC, 3));
    return own;
}

}  // namespace

SharedDescriptor open_shared(int fd, PipeEnd end) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) fail(fd);
    const bool blocks = S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
    if (blocks) {
        Socket own = open_again(fd, end);
        if (own) return {std::move(own), {}};
    }
    Socket copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!copy) fail(fd);
    return {std::move(copy), blocks ? NonBlocking(fd) : NonBlocking()};
}

}  // namespace aio::detail
