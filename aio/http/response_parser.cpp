// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/base/error.hpp>
#include <aio/http/error.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/parser.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <string>

namespace aio::http {
namespace {

using aio::detail::repr_of;
using detail::FieldSummary;

[[noreturn]] void bad_status_line(std::string_view line) {
    throw BadStatusLine("not a status line: " + repr_of(line));
}

/// "HTTP/1.1 200 OK"; the reason and the space before it may be missing.
void parse_status_line(std::string_view line, ResponseHead& head) {
    if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) bad_status_line(line);
    const auto version = detail::parse_version(line.substr(0, 8));
    if (!version) bad_status_line(line);
    head.version = *version;
    for (const char c : line.substr(9, 3)) {
        if (!syntax::is_digit(c)) bad_status_line(line);
        head.status = head.status * 10 + (c - '0');
    }
    head.reason = line.substr(std::min<std::size_t>(13, line.size()));
    if (head.status < 100 || !syntax::is_field_value(head.reason)) bad_status_line(line);
}

}  // namespace

ResponseParser::ResponseParser(const ParserOptions& options)
    : MessageParser(options,
                    {options.max_line_size(), options.max_field_size(), options.max_headers() + 1,
                     options.max_head_size(), 400, "status line", "header fields"},
                    EmptyLine::refused) {}

void ResponseParser::next(std::string_view method) {
    begin_next();
    answers_ = method == "HEAD" ? Answers::head : method == "CONNECT" ? Answers::connect : Answers::other;
}

void ResponseParser::check_begin(char first) const {
    if (first != 'H')
        throw BadStatusLine("a response cannot begin with " + repr_of(std::string_view(&first, 1)));
}

MessageParser::State ResponseParser::parse_head(std::string_view head) {
    head_ = ResponseHead();
    parse_status_line(head.substr(0, lines_.first_line()), head_);
    detail::split_response(head, fields_);
    head_.fields = fields_;
    if (fields_.size() + 1 != lines_.lines()) throw InvalidHeader("lines that are no header fields");

    const FieldSummary summary = detail::summarize(fields_);
    head_.content_length = summary.length();
    head_.keep_alive = summary.may_stay(head_.version);
    const int status = head_.status;
    const bool tunnel = answers_ == Answers::connect && status / 100 == 2;
    head_.upgrade = tunnel || (status == 101 && summary.connection_upgrade && summary.upgrade);
    if (tunnel || status < 200 || status == 204 || status == 304 || answers_ == Answers::head)
        return State::done;

    if (summary.transfer_encoding) {
        summary.check_transfer_encoding(head_.version);
        if (summary.chunked_last && summary.codings > 1) {
            throw TransferEncodingError("a transfer coding that is not known", 501);
        }
        head_.chunked = summary.chunked_last;
        if (head_.chunked) return State::chunk_line;
    } else if (head_.content_length) {
        left_ = *head_.content_length;
        return left_ > 0 ? State::length : State::done;
    }
    head_.until_close = true;
    head_.keep_alive = false;
    return State::until_close;
}

}  // namespace aio::http
