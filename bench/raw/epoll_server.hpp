// SPDX-License-Identifier: MIT
#pragma once

#include "listen.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <csignal>
#include <cstdint>

// Serves for ever, edge-triggered. A `Connection` begins with its descriptor; `events` are what is watched of
// it besides edges; `serve` gives whether it is there still. A `timeout` of 0 keeps it from ever sleeping.
template <class Connection>
[[noreturn]] void serve_connections(const char* where, std::uint32_t events, bool (*serve)(Connection&),
                                    int timeout = -1) {
    std::signal(SIGPIPE, SIG_IGN);  // sendfile() knows no MSG_NOSIGNAL
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    const auto watch = [&](int fd, std::uint32_t wanted, Connection* connection) {
        epoll_event event{};
        event.events = wanted;
        event.data.ptr = connection;
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    };
    const int listener = listen_on(where, SOCK_NONBLOCK);
    watch(listener, EPOLLIN, nullptr);
    epoll_event ready[512];
    for (;;) {
        const int count = epoll_wait(poller, ready, 512, timeout);
        for (int i = 0; i < count; ++i) {
            auto* const connection = static_cast<Connection*>(ready[i].data.ptr);
            if (connection) {
                if (serve(*connection)) continue;
                close(connection->fd);
                delete connection;
                continue;
            }
            for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
                watch(fd, events | EPOLLET, new Connection{fd});
            }
        }
    }
}
