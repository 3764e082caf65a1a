// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <array>
#include <string>

#ifdef AIO_LLHTTP_NAMES
#include AIO_LLHTTP_NAMES
#endif
#include <llhttp.h>

namespace aio::http::detail {
namespace {

using aio::detail::repr_of;

/// What llhttp calls back with. It allocates nothing, as no exception may pass through C.
struct Sink {
    std::vector<Field>* fields;
    std::string_view first;  // the target or the reason
};

Sink& sink_of(const llhttp_t* parser) { return *static_cast<Sink*>(parser->data); }

int take_first(llhttp_t* parser, const char* text, std::size_t size) {
    sink_of(parser).first = {text, size};
    return 0;
}

int take_name(llhttp_t* parser, const char* text, std::size_t size) {
    std::vector<Field>& fields = *sink_of(parser).fields;
    if (fields.size() == fields.capacity()) return -1;
    fields.push_back({{text, size}, {}});
    return 0;
}

int take_value(llhttp_t* parser, const char* text, std::size_t size) {
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t')) --size;
    sink_of(parser).fields->back().value = {text, size};
    return 0;
}

// The head is all that llhttp gets: bodies are framed by our own code, to which it does not matter how bytes
// are cut.
int stop(llhttp_t*) { return HPE_PAUSED; }

constexpr llhttp_settings_t settings_of(bool request) {
    llhttp_settings_t settings{};
    (request ? settings.on_url : settings.on_status) = take_first;
    settings.on_header_field = take_name;
    settings.on_header_value = take_value;
    settings.on_headers_complete = stop;
    return settings;
}
constexpr llhttp_settings_t kRequestSettings = settings_of(true);
constexpr llhttp_settings_t kResponseSettings = settings_of(false);

/// The line of `head` that llhttp stopped in.
std::string_view line_at(std::string_view head, const char* position) {
    if (position < head.data() || position >= head.data() + head.size())
        return head.substr(0, head.find('\r'));
    const auto at = static_cast<std::size_t>(position - head.data());
    const std::size_t before = at == 0 ? head.npos : head.rfind('\n', at - 1);
    const std::size_t begin = before == head.npos ? 0 : before + 1;
    return head.substr(begin, head.find('\r', begin) - begin);
}

[[noreturn]] void raise(const llhttp_t& parser, llhttp_errno_t error, std::string_view head) {
    const char* const reason = llhttp_get_error_reason(&parser);
    const std::string text = std::string(reason ? reason : "malformed head") + ": " +
                             repr_of(line_at(head, llhttp_get_error_pos(&parser)));
    switch (error) {
        case HPE_INVALID_METHOD:
            throw BadHttpMethod(text);
        case HPE_INVALID_URL:
            throw InvalidURLError(text);
        case HPE_INVALID_CONSTANT:
        case HPE_INVALID_VERSION:
        case HPE_INVALID_STATUS:
            throw BadStatusLine(text);
        case HPE_INVALID_HEADER_TOKEN:
        case HPE_UNEXPECTED_SPACE:
            throw InvalidHeader(text);
        case HPE_INVALID_TRANSFER_ENCODING:
            throw TransferEncodingError(text);
        case HPE_INVALID_CONTENT_LENGTH:
        case HPE_UNEXPECTED_CONTENT_LENGTH:
            throw ContentLengthError(text);
        default:
            throw BadHttpMessage(text);
    }
}

llhttp_errno_t execute(llhttp_t& parser, std::string_view text) {
    return llhttp_execute(&parser, text.data(), text.size());
}

void begin(llhttp_t& parser, Sink& sink, bool request) {
    llhttp_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE,
                request ? &kRequestSettings : &kResponseSettings);
    parser.data = &sink;
}

/// Of a request that `text` begins with, whose first line has `first_line` bytes.
llhttp_errno_t execute_request(llhttp_t& parser, Sink& sink, std::string_view text, std::size_t first_line) {
    begin(parser, sink, true);
    const llhttp_errno_t error = execute(parser, text);
    if (error != HPE_INVALID_METHOD && error != HPE_INVALID_CONSTANT) return error;
    // llhttp knows certain methods only, and those of other protocols too. Any token may be one.
    const std::size_t size = text.substr(0, first_line).find(' ');
    if (size == text.npos || !is_token(text.substr(0, size)) || text.starts_with("PRI ")) return error;
    if (sink.fields) sink.fields->clear();
    begin(parser, sink, true);
    execute(parser, "GET");
    return execute(parser, text.substr(size));
}

}  // namespace

std::string_view split_request(std::string_view head, std::size_t first_line, std::vector<Field>& fields) {
    Sink sink{&fields, {}};
    llhttp_t parser;
    const llhttp_errno_t error = execute_request(parser, sink, head, first_line);
    if (error != HPE_PAUSED) raise(parser, error, head);
    return sink.first;
}

std::string_view split_request_line(std::string_view line) {
    Sink sink{nullptr, {}};
    llhttp_t parser;
    const llhttp_errno_t error = execute_request(parser, sink, line, line.size());
    if (error != HPE_OK) raise(parser, error, line);
    return sink.first;
}

std::string_view split_response(std::string_view head, std::vector<Field>& fields) {
    Sink sink{&fields, {}};
    llhttp_t parser;
    begin(parser, sink, false);
    const llhttp_errno_t error = execute(parser, head);
    if (error != HPE_PAUSED) raise(parser, error, head);
    return sink.first;
}

bool is_forbidden_trailer(std::string_view name) noexcept {
    static constexpr std::string_view kNames[] = {"authorization",
                                                  "cache-control",
                                                  "connection",
                                                  "content-encoding",
                                                  "content-length",
                                                  "content-range",
                                                  "content-type",
                                                  "cookie",
                                                  "expect",
                                                  "host",
                                                  "keep-alive",
                                                  "max-forwards",
                                                  "proxy-authenticate",
                                                  "proxy-authorization",
                                                  "proxy-connection",
                                                  "range",
                                                  "set-cookie",
                                                  "te",
                                                  "trailer",
                                                  "transfer-encoding",
                                                  "upgrade",
                                                  "www-authenticate"};
    return std::ranges::any_of(kNames, [name](std::string_view n) { return equal_ignoring_case(n, name); });
}

void parse_trailers(std::string_view section, std::vector<Field>& fields) {
    fields.reserve(static_cast<std::size_t>(std::ranges::count(section, '\n')));
    Sink sink{&fields, {}};
    llhttp_t parser;
    begin(parser, sink, true);
    llhttp_errno_t error = execute(parser, "GET / HTTP/1.1\r\n");
    for (std::string_view rest = section; !rest.empty() && error == HPE_OK;) {
        const std::size_t size = rest.find('\n') + 1;
        const std::string_view line = rest.substr(0, size);
        rest.remove_prefix(size);
        if (!is_forbidden_trailer(line.substr(0, line.find(':')))) error = execute(parser, line);
    }
    if (error != HPE_PAUSED) raise(parser, error, section);
}

std::optional<HttpVersion> parse_version(std::string_view text) {
    const auto digit = [&](std::size_t i) { return syntax::is_digit(text[i]); };
    if (text.size() != 8 || !text.starts_with("HTTP/") || !digit(5) || text[6] != '.' || !digit(7)) {
        throw BadStatusLine("no version of HTTP: " + repr_of(text));
    }
    if (text[5] != '1' || text[7] > '1') return std::nullopt;
    return text[7] == '1' ? kHttpVersion11 : kHttpVersion10;
}

namespace {

/// What a host's name may be made of.
constexpr std::array<bool, 256> kInName = [] {
    std::array<bool, 256> in_name{};
    for (unsigned char c = 1; c < 0x80; ++c) {
        const char letter = static_cast<char>(c);
        in_name[c] = syntax::is_alpha(letter) || syntax::is_digit(letter) ||
                     std::string_view("-._~!$&'()*+;=").find(letter) != std::string_view::npos;
    }
    return in_name;
}();

}  // namespace

bool is_host(std::string_view text, bool needs_port) noexcept {
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == text.npos || end == 1) return false;
        for (const char c : text.substr(1, end - 1)) {
            if (c != ':' && c != '.' && syntax::hex_digit(c) < 0) return false;
        }
        ++end;
    } else {
        while (end < text.size() && kInName[static_cast<unsigned char>(text[end])]) ++end;
        if (end == 0) return false;
    }
    if (end == text.size()) return !needs_port;
    if (text[end] != ':') return false;
    const std::string_view port = text.substr(end + 1);
    unsigned number = 0;
    for (const char c : port) {
        if (!syntax::is_digit(c) || port.size() > 5) return false;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number <= 65535 && !(needs_port && port.empty());
}

}  // namespace aio::http::detail
