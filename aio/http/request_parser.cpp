// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/parser.hpp>

#include <algorithm>
#include <cstring>
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

/// One space before the target and one behind it: llhttp is more patient with the first.
void set_target(RequestHead& head, std::string_view line, std::string_view target) {
    const auto begin = static_cast<std::size_t>(target.data() - line.data());
    if (target.empty() || begin < 2 || line[begin - 2] == ' ' || begin + target.size() + 9 != line.size() ||
        line[line.size() - 9] != ' ') {
        throw BadStatusLine("not a request line: " + repr_of(line));
    }
    head.method = line.substr(0, begin - 1);
    head.target = target;
}

/// How much longer the line of a request may be than that of the one before, if its fields are the same.
/// There is no such room for the first one, which is often the only one.
constexpr std::size_t kRoomForLine = 256;

/// Whether `text` begins with `known`, which may be another client's: the time that it takes does not tell
/// where they differ.
bool is_same(const char* text, std::string_view known) noexcept {
    std::uint64_t different = 0;
    const auto compare = [&](std::size_t at) {
        std::uint64_t a;
        std::uint64_t b;
        std::memcpy(&a, text + at, sizeof a);
        std::memcpy(&b, known.data() + at, sizeof b);
        different |= a ^ b;
    };
    if (known.size() < 8) return false;
    std::size_t at = 0;
    for (; known.size() - at >= 8; at += 8) compare(at);
    compare(known.size() - 8);
    return different == 0;
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
    known_fields_ = {};
    if (memory_) {
        const std::size_t room = known_line_.empty() ? 0 : kRoomForLine;
        if (memory_->capacity() < head.size() + room) memory_->reserve(head.size() + room);
        head = memory_->assign(head);
    }
    const std::string_view line = head.substr(0, lines_.first_line());
    head_ = RequestHead();
    head_.version = version_of(line);
    set_target(head_, line, detail::split_request(head, line.size(), fields_));
    if (fields_.size() + 1 != lines_.lines()) throw InvalidHeader("lines that are no header fields");
    head_.fields = fields_;

    const FieldSummary summary = detail::summarize(fields_);
    const std::string_view named = check_target(head_);
    field_host_ = check_host(head_, summary, known_host_);
    head_.host = named.empty() ? field_host_ : named;
    head_.chunked = check_chunked(summary, head_.version);
    head_.content_length = summary.length();
    head_.keep_alive = summary.may_stay(head_.version);
    const bool modern = head_.version >= kHttpVersion11;
    head_.expect = summary.expect && modern;
    head_.expect_continue = summary.expect_continue && modern;
    const bool connect = head_.method == "CONNECT";
    head_.upgrade = connect || (modern && summary.connection_upgrade && summary.upgrade);
    if (connect && (head_.chunked || head_.content_length.value_or(0) > 0)) {
        throw BadHttpMessage("CONNECT with a body");
    }
    if (memory_ && !connect) {
        known_line_ = line;
        known_fields_ = head.substr(line.size() + 2);
    }
    return state_of_body();
}

MessageParser::State RequestParser::state_of_body() {
    left_ = head_.content_length.value_or(0);
    if (head_.chunked) return State::chunk_line;
    return left_ > 0 ? State::length : State::done;
}

std::size_t RequestParser::parse_known(std::string_view data, State& state) {
    if (known_fields_.empty()) return 0;
    std::size_t line = known_line_.size();
    const bool same = line < data.size() && data[line] == '\r' && is_same(data.data(), known_line_);
    if (!same) line = detail::LineScanner::line_size(data);
    if (!knows(data, line)) return 0;
    if (!same && !take_line(data.substr(0, line + 2))) return 0;
    state = state_of_body();
    return line + 2 + known_fields_.size();
}

/// Whether a line of that size and the fields that are known begin `data`.
bool RequestParser::knows(std::string_view data, std::size_t line) const noexcept {
    const std::size_t size = line + 2 + known_fields_.size();
    return size <= data.size() && size <= limits_.total && line <= limits_.first && data[line] == '\r' &&
           data[line + 1] == '\n' && is_same(data.data() + line + 2, known_fields_);
}

/// Takes another line, with its end, before the fields that are known. False if it needs more than that.
bool RequestParser::take_line(std::string_view line) {
    const std::string_view text = line.substr(0, line.size() - 2);
    const auto begin =
        static_cast<std::size_t>(known_fields_.data() + known_fields_.size() - memory_->data());
    if (memory_->capacity() - begin < text.size() || text.starts_with("CONNECT ")) return false;
    if (version_of(text) != head_.version) return false;
    set_target(head_, text, detail::split_request_line(line));
    memory_->resize(begin);
    memory_->append(text);
    known_line_ = std::string_view(*memory_).substr(begin);
    head_.method = known_line_.substr(0, head_.method.size());
    head_.target = known_line_.substr(head_.method.size() + 1, head_.target.size());
    const std::string_view named = check_target(head_);
    head_.host = named.empty() ? field_host_ : named;
    return true;
}

}  // namespace aio::http
