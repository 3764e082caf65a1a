// SPDX-License-Identifier: MIT
// The limit of sending files: raw_sendfile PORT. Answers each request of 64 bytes with a file of 1 MiB: the
// least that a server on epoll can do, edge-triggered.
#include "../one_mebibyte.hpp"
#include "epoll_server.hpp"

#include <sys/sendfile.h>
#include <cerrno>

namespace {

struct Connection {
    int fd;
    std::size_t received = 0;  // of the next request
    off_t at = 0;
    std::size_t left = 0;
};

int file;

// Whether the connection is there still.
bool serve(Connection& connection) {
    for (;;) {
        while (connection.left > 0) {
            const ssize_t sent = sendfile(connection.fd, file, &connection.at, connection.left);
            if (sent < 0) return errno == EAGAIN;
            connection.left -= static_cast<std::size_t>(sent);
        }
        char buffer[bench::kRequest];
        const ssize_t count = recv(connection.fd, buffer, bench::kRequest - connection.received, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        connection.received += static_cast<std::size_t>(count);
        if (connection.received < bench::kRequest) continue;
        connection.received = 0;
        connection.at = 0;
        connection.left = bench::kFile;
    }
}

}  // namespace

int main(int, char** argv) {
    file = bench::one_mebibyte();
    serve_connections(argv[1], EPOLLIN | EPOLLOUT, serve);
}
