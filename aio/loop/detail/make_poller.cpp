// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/detail/pollers_impl.hpp>

#include <atomic>
#include <cstdlib>
#include <string>

namespace aio::detail {
namespace {

std::unique_ptr<Poller> make_uring_or_epoll() {
#ifdef AIO_IO_URING
    std::string reason;
    try {
        return make_uring_poller();
    } catch (const OSError& error) {
        reason = error.what();
    }
#else
    const std::string reason = "built without <linux/io_uring.h> of Linux 6.1";
#endif
    static std::atomic<bool> told = false;
    if (!told.exchange(true)) log(LogLevel::warning, "io_uring is refused, epoll is used: " + reason);
    return make_epoll_poller();
}

}  // namespace

std::unique_ptr<Poller> make_poller(std::string_view name) {
    std::string wanted(name);
    if (wanted.empty()) {
        const char* environment = std::getenv("AIO_POLLER");
        wanted = environment && *environment ? environment : "epoll";
    }
    if (wanted == "epoll") return make_epoll_poller();
    if (wanted == "io_uring") return make_uring_or_epoll();
    throw ValueError("unknown poller '" + wanted + "': there are 'epoll' and 'io_uring' (see AIO_POLLER)");
}

}  // namespace aio::detail
