// SPDX-License-Identifier: MIT
// The server that web clients are measured against: http_server SIZE PORT. Answers each request with SIZE
// bytes, as the bare server does, and never sleeps, so that the clients do not pay for waking it.
#include "../raw/http_requests.hpp"

#include <cstdlib>

namespace {

std::string answer;

bool serve(HttpConnection& connection) {
    return serve_requests(connection, [](std::string_view data, std::string& out) {
        const std::size_t size = end_of_head(data);
        if (size > 0) out.append(answer);
        return size;
    });
}

}  // namespace

int main(int, char** argv) {
    const std::size_t size = std::strtoull(argv[1], nullptr, 10);
    answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: raw\r\nContent-Length: " +
             std::to_string(size) + "\r\n\r\n" + std::string(size, 'k');
    serve_connections(argv[2], EPOLLIN, serve, 0);
}
