// SPDX-License-Identifier: MIT
// The limit of web servers that send files: raw_http_file FILE PORT. Answers each request with the file, of
// 1 MiB, which is open: a head, and sendfile(). One request at a time per connection.
#include "http_requests.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>

namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1048576\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: raw\r\n\r\n";
constexpr std::size_t kSize = 1048576;

struct Connection {
    int fd;
    off_t at = 0;
    std::size_t left = 0;
    std::string received = {};
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
        char buffer[4096];
        const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        connection.received.append(buffer, static_cast<std::size_t>(count));
        if (end_of_head(connection.received) == 0) continue;
        connection.received.clear();
        // Without MSG_MORE, by which the peer would begin later: that costs x1.15.
        if (send(connection.fd, kHead.data(), kHead.size(), MSG_NOSIGNAL) < 0) return false;
        connection.at = 0;
        connection.left = kSize;
    }
}

}  // namespace

int main(int, char** argv) {
    file = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (file < 0) return 1;
    serve_connections(argv[2], EPOLLIN | EPOLLOUT, serve);
}
