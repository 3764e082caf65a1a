// SPDX-License-Identifier: MIT
// The limit of web servers: raw_http_hello PORT. Finds the end of each request's head and answers what it
// always answers: the least that a server on epoll can do, edge-triggered.
#include "http_requests.hpp"

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: raw\r\n\r\nhello, world\n";

bool serve(HttpConnection& connection) {
    return serve_requests(connection, [](std::string_view data, std::string& out) {
        const std::size_t size = end_of_head(data);
        if (size > 0) out.append(kAnswer);
        return size;
    });
}

}  // namespace

int main(int, char** argv) { serve_connections(argv[1], EPOLLIN, serve); }
