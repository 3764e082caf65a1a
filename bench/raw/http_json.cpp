// SPDX-License-Identifier: MIT
// The limit of services that speak JSON: raw_http_json PORT. Parses the body of each request and sends it
// back made anew, by Boost.JSON in memory that is used again and again.
#include "http_requests.hpp"

#include <boost/json/parser.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/static_resource.hpp>

#include <charconv>

namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: raw\r\nContent-Length: ";

// The length of the body, from a head that says it as the generator does.
std::size_t body_size(std::string_view head) {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const std::size_t at = head.find(kName);
    std::size_t size = 0;
    if (at != head.npos) std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), size);
    return size;
}

std::string_view parsed_and_made(std::string_view text) {
    static unsigned char values[65536];
    static unsigned char temporary[16384];
    static char made[65536];
    static boost::json::parser parser({}, {}, temporary);
    static boost::json::serializer serializer;
    boost::json::static_resource memory(values);
    parser.reset(&memory);
    boost::json::error_code error;
    parser.write(text, error);
    if (error) return {};
    const boost::json::value value = parser.release();
    serializer.reset(&value);
    return {made, serializer.read(made).size()};
}

bool serve(HttpConnection& connection) {
    return serve_requests(connection, [](std::string_view data, std::string& out) {
        const std::size_t head = end_of_head(data);
        if (head == 0) return head;
        const std::size_t size = body_size(data.substr(0, head));
        if (data.size() - head < size) return std::size_t{0};
        const std::string_view body = parsed_and_made(data.substr(head, size));
        out.append(kHead).append(std::to_string(body.size())).append("\r\n\r\n").append(body);
        return head + size;
    });
}

}  // namespace

int main(int, char** argv) { serve_connections(argv[1], EPOLLIN, serve); }
