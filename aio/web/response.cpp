// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/status.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/response_impl.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace aio::web {
namespace detail {

void ResponseHold::add_ref(ResponseState* state) noexcept {
    if (state) state->add_ref();
}
void ResponseHold::release(ResponseState* state) noexcept {
    if (state) state->release();
}

}  // namespace detail

using detail::ResponseState;
using http::hdrs::CONTENT_TYPE;

namespace {

int checked_status(int status) {
    if (status < 200 || status > 999) {
        throw ValueError("a response cannot have the status " + std::to_string(status));
    }
    return status;
}

http::ContentType type_of(const ResponseState& state) {
    const std::string_view text = state.headers.get(CONTENT_TYPE, detail::type_of_body(state));
    return http::ContentType::parse(text).value_or(http::ContentType("application", "octet-stream"));
}

}  // namespace

Response::Response() : state_(new ResponseState()) {}
Response::Response(int status) : Response() { state_->status = checked_status(status); }

ResponseState& Response::state(const char* call) const {
    if (!state_) [[unlikely]]
        throw RuntimeError(std::string(call) + "() of a response that is empty");
    return *state_;
}

ResponseState& Response::changeable(const char* call) {
    ResponseState& state = this->state(call);
    if (state.prepared) {
        throw RuntimeError(std::string("Response.") + call + "() after the head of the response was sent");
    }
    return state;
}

Response& Response::status(int status) {
    ResponseState& state = changeable("status");
    state.status = checked_status(status);
    state.reason.clear();
    return *this;
}

Response& Response::status(int status, std::string_view reason) {
    ResponseState& state = changeable("status");
    checked_status(status);
    if (!http::syntax::is_field_value(reason)) http::syntax::raise_bad_text("a reason", reason);
    state.reason.assign(reason);
    state.status = status;
    return *this;
}

int Response::status() const noexcept { return state_->status; }

std::string_view Response::reason() const noexcept {
    return state_->reason.empty() ? http::reason_phrase(state_->status) : state_->reason;
}

Response& Response::text(std::string text) {
    ResponseState& state = changeable("text");
    state.body.assign(std::move(text));
    state.is_text = true;
    return *this;
}

Response& Response::body(http::Payload body) {
    ResponseState& state = changeable("body");
    state.body = std::move(body);
    state.is_text = false;
    return *this;
}

const http::Payload& Response::body() const noexcept { return state_->body; }

Response& Response::header(const http::HeaderName& name, std::string_view value) {
    changeable("header").headers.set(name, value);
    return *this;
}

Response& Response::add_header(const http::HeaderName& name, std::string_view value) {
    changeable("add_header").headers.add(name, value);
    return *this;
}

http::Headers& Response::headers() noexcept { return state_->headers; }
const http::Headers& Response::headers() const noexcept { return state_->headers; }

Response& Response::content_type(std::string_view type) {
    ResponseState& state = changeable("content_type");
    auto made = http::ContentType::parse(type);
    if (!made) throw ValueError("\"" + std::string(type) + "\" is no content type");
    if (!made->charset()) {
        if (const auto charset = this->charset()) made->parameters().set("charset", *charset);
    }
    state.headers.set(CONTENT_TYPE, made->str());
    return *this;
}

std::string Response::content_type() const { return type_of(state("content_type")).essence(); }

Response& Response::charset(std::string_view charset) {
    ResponseState& state = changeable("charset");
    http::ContentType type = type_of(state);
    type.parameters().set("charset", charset);
    state.headers.set(CONTENT_TYPE, type.str());
    return *this;
}

std::optional<std::string> Response::charset() const { return type_of(state("charset")).charset(); }

Response& Response::content_length(std::optional<std::uint64_t> size) {
    changeable("content_length").content_length = size;
    return *this;
}

std::optional<std::uint64_t> Response::content_length() const {
    const ResponseState& state = this->state("content_length");
    if (state.content_length || state.streams || state.chunked) return state.content_length;
    return state.body.size();
}

Response& Response::last_modified(std::optional<std::chrono::sys_seconds> when) {
    ResponseState& state = changeable("last_modified");
    if (when) {
        state.headers.set(http::hdrs::LAST_MODIFIED, http::format_date(*when));
    } else {
        state.headers.popall(http::hdrs::LAST_MODIFIED);
    }
    return *this;
}

std::optional<std::chrono::sys_seconds> Response::last_modified() const {
    const auto field = state("last_modified").headers.get(http::hdrs::LAST_MODIFIED);
    return field ? http::parse_date(*field) : std::nullopt;
}

Response& Response::etag(const std::optional<http::ETag>& tag) {
    ResponseState& state = changeable("etag");
    if (tag) {
        state.headers.set(http::hdrs::ETAG, tag->str());
    } else {
        state.headers.popall(http::hdrs::ETAG);
    }
    return *this;
}

std::optional<http::ETag> Response::etag() const {
    const auto field = state("etag").headers.get(http::hdrs::ETAG);
    return field ? http::ETag::parse(*field) : std::nullopt;
}

Response& Response::set_cookie(std::string_view name, std::string_view value) {
    return set_cookie(http::Cookie(name, value).path("/"));
}

Response& Response::set_cookie(http::Cookie cookie) {
    std::vector<http::Cookie>& cookies = changeable("set_cookie").cookies;
    // One that is set again takes the place of the first: clients would keep the last anyway.
    const auto same = std::ranges::find_if(cookies, [&](const http::Cookie& other) {
        return other.name() == cookie.name() && other.path() == cookie.path() &&
               other.domain() == cookie.domain();
    });
    if (same == cookies.end()) {
        cookies.push_back(std::move(cookie));
    } else {
        *same = std::move(cookie);
    }
    return *this;
}

Response& Response::del_cookie(std::string_view name, std::string_view path, std::string_view domain) {
    http::Cookie gone(name, "");
    gone.path(path).domain(domain).max_age(std::chrono::seconds(0));
    gone.expires(std::chrono::sys_seconds());
    return set_cookie(std::move(gone));
}

const std::vector<http::Cookie>& Response::cookies() const noexcept { return state_->cookies; }

Response& Response::enable_chunked_encoding() {
    changeable("enable_chunked_encoding").chunked = true;
    return *this;
}
bool Response::chunked() const noexcept { return state_->chunked; }

Response& Response::enable_compression(std::optional<http::ContentCoding> force) {
    ResponseState& state = changeable("enable_compression");
    state.compress = true;
    state.forced_coding = force;
    return *this;
}
bool Response::compression() const noexcept { return state_->compress; }

Response& Response::zlib_executor_size(std::optional<std::size_t> bytes) {
    changeable("zlib_executor_size").executor_size = bytes.value_or(std::numeric_limits<std::size_t>::max());
    return *this;
}

Response& Response::force_close() {
    changeable("force_close").force_close = true;
    return *this;
}
std::optional<bool> Response::keep_alive() const noexcept {
    return state_->force_close ? std::optional(false) : std::nullopt;
}

bool Response::prepared() const noexcept { return state_->prepared; }

std::string Response::repr() const {
    return "<Response " + std::to_string(status()) + " " + std::string(reason()) + ">";
}

}  // namespace aio::web
