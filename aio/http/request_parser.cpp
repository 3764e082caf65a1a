// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/parser.hpp>

#include <algorithm>
#include <string>

namespace aio::http {
namespace {

using aio::detail::repr_of;
using detail::FieldSummary;

HttpVersion version_of(std::string_view line) {
    if (line.size() < 9) throw BadStatusLine("not a request line: " + repr_of(line));
    const auto version = detail::parse_version(line.substr(line.size() - 8));
    if (!version) throw BadStatusLine("a version of HTTP that is not served: " + repr_of(line), 505);
    return *version;
}

/// The authority of a target like "http://host:80/path"; none of one that is not like this.
std::optional<std::string_view> authority_of(std::string_view target) {
    const std::size_t colon = target.find("://");
    if (colon == target.npos) return std::nullopt;
    const std::string_view scheme = target.substr(0, colon);
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
        return std::nullopt;
    }
    const std::string_view rest = target.substr(colon + 3);
    return rest.substr(0, rest.find_first_of("/?"));
}

/// Checks that the target has one of the four forms (RFC 9112, 3.2); gives the host that it names, or an
/// empty text.
std::string_view check_target(const RequestHead& head) {
    const std::string_view target = head.target;
    if (target.find('#') != target.npos) throw InvalidURLError("a fragment in the target " + repr_of(target));
    std::string_view host;
    bool good = true;
    if (head.method == "CONNECT") {
        good = detail::is_host(target, true);
        host = target;
    } else if (target == "*") {
        good = head.method == "OPTIONS";
    } else if (target[0] != '/') {
        const auto authority = authority_of(target);
        good = authority && detail::is_host(*authority);
        host = authority.value_or(std::string_view());
    }
    if (!good) throw InvalidURLError("not a target for " + repr_of(head.method) + ": " + repr_of(target));
    return host;
}

/// `known` is a host that was good, and becomes this one.
std::string_view check_host(const RequestHead& head, const FieldSummary& summary, std::string& known) {
    if (!summary.repeated.empty()) throw InvalidHeader("a second field " + repr_of(summary.repeated));
    if (!summary.host) {
        if (head.version >= kHttpVersion11) throw InvalidHeader("a request of HTTP/1.1 without Host");
        return {};
    }
    if (known.empty() || *summary.host != known) {
        if (!detail::is_host(*summary.host)) throw InvalidHeader("not a Host: " + repr_of(*summary.host));
        known = *summary.host;
    }
    return *summary.host;
}

/// Whether the body is chunked. Only chunked alone is known; what cannot be framed at all is no request.
bool check_chunked(const FieldSummary& summary, HttpVersion version) {
    if (!summary.transfer_encoding) return false;
    summary.check_transfer_encoding(version);
    if (!summary.chunked_last) throw TransferEncodingError("Transfer-Encoding does not end with chunked");
    if (summary.codings > 1) throw TransferEncodingError("a transfer coding that is not known", 501);
    return true;
}

}  // namespace

RequestParser::RequestParser(const ParserOptions& options)
    : MessageParser(options,
                    {options.max_line_size(), options.max_field_size(), options.max_headers() + 1,
                     options.max_head_size(), 414, "request line", "header fields"},
                    EmptyLine::allowed) {}

void RequestParser::next() { begin_next(); }

void RequestParser::check_begin(char first) const {
    if (!detail::is_token_char(first)) {
        throw BadHttpMethod("a request cannot begin with " + repr_of(std::string_view(&first, 1)));
    }
}

MessageParser::State RequestParser::parse_head(std::string_view head) {
    const std::string_view line = head.substr(0, lines_.first_line());
    head_ = RequestHead();
    head_.version = version_of(line);
    head_.target = detail::split_request(head, line.size(), fields_);
    head_.fields = fields_;

    // One space before the target and one behind it, and as many fields as lines: llhttp is more patient with
    // the first.
    const auto begin = static_cast<std::size_t>(head_.target.data() - head.data());
    if (head_.target.empty() || begin < 2 || line[begin - 2] == ' ' ||
        begin + head_.target.size() + 9 != line.size() || line[line.size() - 9] != ' ') {
        throw BadStatusLine("not a request line: " + repr_of(line));
    }
    if (fields_.size() + 1 != lines_.lines()) throw InvalidHeader("lines that are no header fields");
    head_.method = line.substr(0, begin - 1);

    const FieldSummary summary = detail::summarize(fields_);
    const std::string_view named = check_target(head_);
    const std::string_view host = check_host(head_, summary, known_host_);
    head_.host = named.empty() ? host : named;
    head_.chunked = check_chunked(summary, head_.version);
    head_.content_length = summary.length();
    head_.keep_alive = summary.may_stay(head_.version);
    const bool modern = head_.version >= kHttpVersion11;
    head_.expect = summary.expect && modern;
    head_.expect_continue = summary.expect_continue && modern;
    const bool connect = head_.method == "CONNECT";
    head_.upgrade = connect || (modern && summary.connection_upgrade && summary.upgrade);
    left_ = head_.content_length.value_or(0);
    if (connect && (head_.chunked || left_ > 0)) throw BadHttpMessage("CONNECT with a body");
    if (head_.chunked) return State::chunk_line;
    return left_ > 0 ? State::length : State::done;
}

}  // namespace aio::http
