// SPDX-License-Identifier: MIT
// As much of HTTP/1.1 as crawler.cpp needs, over streams: one GET for each connection, with limits on all
// that the server sends.
#pragma once

#include "../streams/fetch_head.hpp"

#include <aio/aio.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

inline constexpr std::size_t kMaxHttpLine = 8192;
inline constexpr std::size_t kMaxHttpFields = 100;
inline constexpr std::size_t kMaxHttpBody = 1024 * 1024;

/// What the server sent is no HTTP, or more than we take. To ask again would not help.
class HttpError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Where a page is. HTTP alone, so that there is no scheme.
struct Url {
    std::string host;
    int port = 80;
    std::string path = "/";  ///< with the query
};

/// The answer to a GET.
struct Page {
    int status = 0;
    std::map<std::string, std::string, std::less<>> fields;  ///< by names in lower case
    std::string body;

    std::string_view field(std::string_view name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string_view() : std::string_view(found->second);
    }
};

/// The whole of `text` as a number, or none.
inline std::optional<std::size_t> to_size(std::string_view text, int base) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A path as it may stand in a request: without "." and "..", with blanks and what is not ASCII as %20.
inline std::string clean_path(std::string_view path) {
    const std::string_view query = path.substr(std::min(path.find('?'), path.size()));
    path.remove_suffix(query.size());
    std::vector<std::string_view> parts;
    for (bool more = true; more;) {
        path.remove_prefix(1);  // the slash
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        more = slash != std::string_view::npos;
        path.remove_prefix(part.size());
        if (part == ".." && !parts.empty()) parts.pop_back();
        if (part != "." && part != "..") parts.push_back(part);
        if ((part == "." || part == "..") && !more) parts.push_back("");
    }
    std::string clean;
    const auto append = [&clean](std::string_view text) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        for (const char letter : text) {
            const auto byte = static_cast<unsigned char>(letter);
            if (byte > ' ' && byte < 0x7f) {
                clean += letter;
            } else {
                clean.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
            }
        }
    };
    for (const std::string_view part : parts) {
        append("/");
        append(part);
    }
    append(query);
    return clean;
}

/// Reads "http://host[:port][/path]"; none for anything else.
inline std::optional<Url> parse_url(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (!text.starts_with(kScheme)) return std::nullopt;
    text = text.substr(kScheme.size(), text.find('#') - kScheme.size());
    const std::string_view authority = text.substr(0, text.find_first_of("/?"));
    const std::string_view rest = text.substr(authority.size());
    try {
        Target target = parse_target(authority);  // also reads [::1]:80
        if (target.host != authority) return std::nullopt;
        const std::string path = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
        return Url{std::move(target.address), target.port, clean_path(path)};
    } catch (const aio::ValueError&) {
        return std::nullopt;
    }
}

/// Where a link on the page `base` leads; none if that is not HTTP.
inline std::optional<Url> resolve(const Url& base, std::string_view link) {
    link = link.substr(0, link.find('#'));
    if (link.empty()) return base;
    if (link.starts_with("//")) return parse_url("http:" + std::string(link));
    const std::size_t colon = link.find(':');
    if (colon < link.find_first_of("/?")) return parse_url(link);  // it names a scheme
    Url url = base;
    const std::string_view file = std::string_view(base.path).substr(0, base.path.find('?'));
    if (link.starts_with('/')) {
        url.path = clean_path(link);
    } else if (link.starts_with('?')) {
        url.path = clean_path(std::string(file) + std::string(link));
    } else {
        url.path = clean_path(std::string(file.substr(0, file.rfind('/') + 1)) + std::string(link));
    }
    return url;
}

/// A line without its end.
inline aio::Coro<std::string> read_http_line(aio::StreamReader reader) {
    try {
        std::string line = co_await reader.readuntil("\n");
        line.resize(line.size() - (line.ends_with("\r\n") ? 2 : 1));
        co_return line;
    } catch (const aio::LimitOverrunError&) {
        throw HttpError("too long a line");
    }
}

/// Fills in all but the body.
inline aio::Coro<> read_http_head(aio::StreamReader reader, Page& page) {
    const std::string status = co_await read_http_line(reader);
    const auto code = status.size() >= 12 ? to_size(std::string_view(status).substr(9, 3), 10) : std::nullopt;
    if (!status.starts_with("HTTP/1.") || !code) throw HttpError("the answer is no HTTP");
    page.status = static_cast<int>(*code);
    for (std::size_t count = 0; count <= kMaxHttpFields; ++count) {
        const std::string line = co_await read_http_line(reader);
        if (line.empty()) co_return;
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) throw HttpError("a bad header");
        std::string name = line.substr(0, colon);
        for (char& letter : name) {
            if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        }
        const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
        page.fields[name] = line.substr(value, line.find_last_not_of(" \t") + 1 - value);
    }
    throw HttpError("too many headers");
}

inline std::size_t checked_size(std::optional<std::size_t> size, std::size_t before) {
    if (!size) throw HttpError("a bad length");
    if (*size > kMaxHttpBody - before) throw HttpError("too big a page");
    return *size;
}

inline aio::Coro<std::string> read_chunks(aio::StreamReader reader) {
    std::string body;
    while (true) {
        const std::string line = co_await read_http_line(reader);
        const std::string_view digits = std::string_view(line).substr(0, line.find_first_of("; "));
        const std::size_t size = checked_size(to_size(digits, 16), body.size());
        if (size == 0) co_return body;  // what may follow are headers that nobody needs
        body += co_await reader.readexactly(static_cast<std::ptrdiff_t>(size));
        const std::string end = co_await read_http_line(reader);
        if (!end.empty()) throw HttpError("a bad chunk");
    }
}

inline aio::Coro<std::string> read_to_the_end(aio::StreamReader reader) {
    std::string body;
    while (auto part = co_await reader.next_chunk()) {
        checked_size(part->size(), body.size());
        body += *part;
    }
    co_return body;
}

inline aio::Coro<std::string> read_http_body(aio::StreamReader reader, const Page& page) {
    if (page.status == 204 || page.status == 304) co_return "";
    if (page.field("transfer-encoding") == "chunked") co_return co_await read_chunks(reader);
    if (!page.fields.contains("content-length")) co_return co_await read_to_the_end(reader);
    const std::size_t size = checked_size(to_size(page.field("content-length"), 10), 0);
    co_return co_await reader.readexactly(static_cast<std::ptrdiff_t>(size));
}

/// Gets a page. Throws HttpError; ConnectionError or EOFError if the connection broke.
inline aio::Coro<Page> fetch(Url url) {
    auto connection =
        co_await aio::open_connection(url.host, url.port, aio::ConnectOptions().limit(kMaxHttpLine));
    auto& [reader, writer] = connection;
    const ClosedAtEnd closed_at_end(writer);
    const bool numeric = url.host.find(':') != std::string::npos;  // an IPv6 address
    writer.write("GET " + url.path + " HTTP/1.1\r\nHost: " + (numeric ? '[' + url.host + ']' : url.host) +
                 ':' + std::to_string(url.port) + "\r\nConnection: close\r\n\r\n");
    co_await writer.drain();
    Page page;
    co_await read_http_head(reader, page);
    page.body = co_await read_http_body(reader, page);
    co_return page;
}

}  // namespace example
