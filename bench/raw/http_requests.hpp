// SPDX-License-Identifier: MIT
// What the bare web servers share: requests are found in what has arrived, and answered together.
#pragma once

#include "epoll_server.hpp"

#include <cerrno>
#include <string>
#include <string_view>

struct HttpConnection {
    int fd;
    std::string rest = {};  // of a request that has not come whole
};

// Answers what has arrived; gives whether the connection is there still. `take_request(data, out)` appends
// the answer to the first request in `data` to `out` and gives the request's size, or 0 if it has not come
// whole.
template <class Take>
bool serve_requests(HttpConnection& connection, Take take_request) {
    static char buffer[65536];
    static std::string out;
    for (;;) {
        const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        std::string_view data(buffer, static_cast<std::size_t>(count));
        if (!connection.rest.empty()) {
            connection.rest.append(data);
            data = connection.rest;
        }
        out.clear();
        while (const std::size_t size = take_request(data, out)) data.remove_prefix(size);
        if (!data.empty() || !connection.rest.empty()) connection.rest = std::string(data);
        if (!out.empty() && send(connection.fd, out.data(), out.size(), MSG_NOSIGNAL) < 0) return false;
        if (static_cast<std::size_t>(count) < sizeof buffer) return true;
    }
}

// Where the first head in the data ends, its blank line included; 0 if it does not.
inline std::size_t end_of_head(std::string_view data) {
    const std::size_t end = data.find("\r\n\r\n");
    return end == data.npos ? 0 : end + 4;
}
