// SPDX-License-Identifier: MIT
// The limit of requests with many fields: raw_http_headers PORT. Takes each line apart at its colon, as who
// wants to know one field has to, and answers the value of X-Header-099.
#include "http_requests.hpp"

#include <strings.h>
#include <cstring>

namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: raw\r\nContent-Length: ";

// The value of a field; empty if it is not there.
std::string_view find_field(std::string_view head, std::string_view wanted) {
    std::string_view found;
    const char* line = head.data() + head.find('\n') + 1;
    const char* const blank = head.data() + head.size() - 2;
    const auto find = [](const char* from, char what, const char* to) {
        return static_cast<const char*>(std::memchr(from, what, static_cast<std::size_t>(to - from)));
    };
    while (line < blank) {
        const char* const next = find(line, '\n', blank) + 1;
        const char* const colon = find(line, ':', next);
        if (!colon) break;
        const std::string_view name(line, static_cast<std::size_t>(colon - line));
        if (name.size() == wanted.size() && strncasecmp(name.data(), wanted.data(), wanted.size()) == 0) {
            found = std::string_view(colon + 2, static_cast<std::size_t>(next - 2 - (colon + 2)));
        }
        line = next;
    }
    return found;
}

bool serve(HttpConnection& connection) {
    return serve_requests(connection, [](std::string_view data, std::string& out) {
        const std::size_t size = end_of_head(data);
        if (size == 0) return size;
        const std::string_view value = find_field(data.substr(0, size), "X-Header-099");
        out.append(kHead).append(std::to_string(value.size())).append("\r\n\r\n").append(value);
        return size;
    });
}

}  // namespace

int main(int, char** argv) { serve_connections(argv[1], EPOLLIN, serve); }
