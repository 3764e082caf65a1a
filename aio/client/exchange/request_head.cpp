// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/request_head_impl.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/methods.hpp>

#include <charconv>
#include <optional>
#include <string_view>

namespace aio::http::detail {
namespace {

std::optional<std::uint64_t> given_length(const Headers& headers) {
    const auto text = headers.get(hdrs::CONTENT_LENGTH);
    if (!text) return std::nullopt;
    std::uint64_t length = 0;
    const char* const end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, length);
    if (error != std::errc() || stopped != end || headers.getall(hdrs::CONTENT_LENGTH).size() > 1)
        throw ValueError("Content-Length has to be one number");
    return length;
}

// Whether Transfer-Encoding asks for chunks. Nothing else could be understood here.
bool chunks_given(const Headers& headers) {
    const auto text = headers.get(hdrs::TRANSFER_ENCODING);
    if (!text) return false;
    if (!equal_ignoring_case(*text, "chunked") || headers.getall(hdrs::TRANSFER_ENCODING).size() > 1)
        throw ValueError("the only Transfer-Encoding of a request is \"chunked\"");
    return true;
}

BodyPlan plan_chunks(const ClientRequest& request, Headers& headers) {
    if (headers.contains(hdrs::CONTENT_LENGTH))
        throw ValueError("a body in chunks cannot have a Content-Length");
    if (request.version() < kHttpVersion11) throw ValueError("HTTP/1.0 has no chunks");
    headers.set(hdrs::TRANSFER_ENCODING, "chunked");
    return {Framing::chunked, 0, false};
}

BodyPlan plan_nothing(const ClientRequest& request, Headers& headers) {
    if (given_length(headers).value_or(0) != 0) throw ValueError("there is a Content-Length, and no body");
    if (request.chunked() || chunks_given(headers)) throw ValueError("there is no body to send in chunks");
    // RFC 9110, 8.6: who could have sent a body says that there is none.
    if (!is_safe(request.method()) && request.method() != hdrs::METH_CONNECT)
        headers.set(hdrs::CONTENT_LENGTH, "0");
    return {};
}

}  // namespace

BodyPlan plan_body(const ClientRequest& request, Headers& headers) {
    if (!request.shared_body()) return plan_nothing(request, headers);
    const bool compressed = request.compress() != ContentCoding::identity;
    if (compressed) {
        if (headers.contains(hdrs::CONTENT_ENCODING))
            throw ValueError("compress can not be set if Content-Encoding header is set");
        headers.set(hdrs::CONTENT_ENCODING, coding_name(request.compress()));
    }
    const bool chunks = chunks_given(headers);
    const auto size = request.body().size();
    const auto given = given_length(headers);
    if (compressed || chunks || request.chunked() || (!size && !given)) return plan_chunks(request, headers);
    if (size && given && *size != *given)
        throw ValueError("the body has " + std::to_string(*size) + " bytes, and Content-Length says " +
                         std::to_string(*given));
    const std::uint64_t length = size ? *size : *given;
    headers.set(hdrs::CONTENT_LENGTH, std::to_string(length));
    return {Framing::length, length, request.body().bytes() != nullptr};
}

void append_head(std::string& out, const ClientRequest& request, const Headers& headers, bool whole_url) {
    const URL& url = request.url();
    out += request.method();
    out += ' ';
    if (request.method() == hdrs::METH_CONNECT) {
        out += *url.raw_host();
        out += ':';
        out += std::to_string(url.port().value_or(80));
    } else if (whole_url) {
        out += url.with_fragment("").with_user(std::nullopt).str();
    } else {
        out += url.raw_path_qs();
    }
    out += request.version() == kHttpVersion10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    headers.append_to(out);
    out += "\r\n";
}

}  // namespace aio::http::detail
