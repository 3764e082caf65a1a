// SPDX-License-Identifier: MIT
// The limit of the echo servers: raw_echo PORT, or @NAME. The least that an echo server on epoll can do: one
// recv and one send per readiness, level-triggered, one buffer for all connections; only what the socket did
// not take is kept, and reading pauses until it is out.
#include "listen.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kBuffer = 65536;
char buffer[kBuffer];
int poller;

struct Connection {
    int fd;
    char* rest = nullptr;
    std::size_t offset = 0;
    std::size_t left = 0;
};

void interest(int operation, int fd, std::uint32_t events, Connection* connection) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    epoll_ctl(poller, operation, fd, &event);
}

void drop(Connection* connection) {
    close(connection->fd);
    std::free(connection->rest);
    delete connection;
}

// How much went out; -1 if the connection is gone.
ssize_t send_some(int fd, const char* data, std::size_t size) {
    const ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN ? 0 : -1;
}

void keep_rest(Connection* connection, const char* data, std::size_t size) {
    if (!connection->rest) connection->rest = static_cast<char*>(std::malloc(kBuffer));
    std::memcpy(connection->rest, data, size);
    connection->offset = 0;
    connection->left = size;
    interest(EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
}

void send_rest(Connection* connection) {
    const ssize_t sent = send_some(connection->fd, connection->rest + connection->offset, connection->left);
    if (sent < 0) {
        drop(connection);
        return;
    }
    connection->offset += static_cast<std::size_t>(sent);
    connection->left -= static_cast<std::size_t>(sent);
    if (connection->left == 0) interest(EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
}

void echo(Connection* connection) {
    const ssize_t received = recv(connection->fd, buffer, kBuffer, 0);
    if (received < 0 && errno == EAGAIN) return;
    const ssize_t sent =
        received > 0 ? send_some(connection->fd, buffer, static_cast<std::size_t>(received)) : -1;
    if (sent < 0) {
        drop(connection);
    } else if (sent < received) {
        keep_rest(connection, buffer + sent, static_cast<std::size_t>(received - sent));
    }
}

void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        interest(EPOLL_CTL_ADD, fd, EPOLLIN, new Connection{fd});
    }
}

}  // namespace

int main(int, char** argv) {
    const int listener = listen_on(argv[1], SOCK_NONBLOCK);
    poller = epoll_create1(EPOLL_CLOEXEC);
    interest(EPOLL_CTL_ADD, listener, EPOLLIN, nullptr);
    epoll_event events[512];
    for (;;) {
        const int count = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < count; ++i) {
            auto* connection = static_cast<Connection*>(events[i].data.ptr);
            if (!connection) {
                accept_all(listener);
            } else if (connection->left) {
                send_rest(connection);
            } else {
                echo(connection);
            }
        }
    }
}
