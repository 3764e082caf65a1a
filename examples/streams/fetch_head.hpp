// SPDX-License-Identifier: MIT
// Fetches the header of a page over streams; used by the examples that are called wget.
#pragma once

#include <aio/aio.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

/// What to fetch, and from where.
struct Target {
    std::string host;     ///< for the request's Host line, and for people
    std::string name;     ///< the same without a port: whom a certificate must be for
    std::string address;  ///< where to connect to
    int port = 80;
    std::string path = "/";
};

/// Reads [HOST=]ADDRESS[:PORT][/PATH], with IPv6 addresses in square brackets. HOST is what the request asks
/// for; without it that is the address, as a browser does it; `port` stands for the missing one. Throws
/// aio::ValueError.
inline Target parse_target(std::string_view text, int port = 80) {
    const std::string whole(text);
    Target target;
    target.port = port;
    if (const auto slash = text.find('/'); slash != text.npos) {
        target.path = text.substr(slash);
        text = text.substr(0, slash);
    }
    if (const auto equals = text.find('='); equals != text.npos) {
        target.host = target.name = text.substr(0, equals);
        text = text.substr(equals + 1);
    } else {
        target.host = text;
    }
    const auto bracket = text.rfind(']');
    const auto colon = text.rfind(':');
    if (colon != text.npos && (bracket == text.npos || colon > bracket)) {
        const std::string digits(text.substr(colon + 1));
        if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != digits.npos) {
            throw aio::ValueError("not a port: \"" + digits + "\" in " + whole);
        }
        target.port = std::stoi(digits);
        text = text.substr(0, colon);
    }
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    if (text.empty()) throw aio::ValueError("no address in \"" + whole + '"');
    target.address = text;
    if (target.name.empty()) target.name = target.address;
    return target;
}

/// Python's `with closing(writer)`: the end of the scope closes it, also by an exception or a cancellation.
class ClosedAtEnd {
public:
    explicit ClosedAtEnd(aio::StreamWriter writer) : writer_(std::move(writer)) {}
    ClosedAtEnd(const ClosedAtEnd&) = delete;
    ClosedAtEnd& operator=(const ClosedAtEnd&) = delete;
    ~ClosedAtEnd() { writer_.close(); }

private:
    aio::StreamWriter writer_;
};

/// Asks for a page and gives the lines of its header. The body is not read.
inline aio::Coro<std::vector<std::string>> fetch_head(Target target,
                                                      aio::ConnectOptions options = aio::ConnectOptions()) {
    auto connection = co_await aio::open_connection(target.address, target.port, std::move(options));
    auto& [reader, writer] = connection;
    const ClosedAtEnd closed_at_end(writer);

    writer.write("GET " + target.path + " HTTP/1.0\r\nHost: " + target.host + "\r\n\r\n");
    co_await writer.drain();

    std::vector<std::string> header;
    while (auto line = co_await reader.next_line()) {
        while (line->ends_with('\n') || line->ends_with('\r')) line->pop_back();
        if (line->empty()) break;  // a blank line ends the header
        header.push_back(std::move(*line));
    }
    co_return header;
}

}  // namespace example
