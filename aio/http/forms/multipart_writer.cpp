// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/disposition_impl.hpp>
#include <aio/http/forms/multipart_impl.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/forms/writers_impl.hpp>
#include <aio/http/url/query.hpp>

#include <sys/random.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <utility>

namespace aio::http {
namespace detail {

struct OutgoingPart {
    Headers headers;
    Payload content;
};

struct WriterState {
    std::string subtype;
    std::string boundary;
    std::deque<OutgoingPart> parts;  // whose fields callers refer to

    void append_head(std::string& out, const OutgoingPart& part) const {
        out += &part == &parts.front() ? "--" : "\r\n--";
        out += boundary;
        out += "\r\n";
        part.headers.append_to(out);
        out += "\r\n";
    }
    std::string end() const { return (parts.empty() ? "--" : "\r\n--") + boundary + "--\r\n"; }
};

}  // namespace detail

namespace {

// Texts up to this size are sent in one piece with what stands around them; copying more costs more than it
// saves.
constexpr std::size_t kJoined = 16 * 1024;

Coro<> write_parts(const detail::WriterState& state, BodyWriter& to) {
    std::string out;
    for (const detail::OutgoingPart& part : state.parts) {
        state.append_head(out, part);
        const std::string* const bytes = part.content.bytes();
        const bool joined = bytes && bytes->size() <= kJoined;
        if (joined) out += *bytes;
        if (joined && out.size() < kJoined) continue;
        to.write(out);
        out.clear();
        co_await to.drain();
        if (joined) continue;
        co_await part.content.write(to);
        co_await to.drain();
    }
    out += state.end();
    to.write(out);
    co_await to.drain();
}

std::string random_boundary() {
    std::array<unsigned char, 16> bytes;
    for (ssize_t got = -1; got != static_cast<ssize_t>(bytes.size());) {
        got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno != EINTR) raise_os_error(errno, "getrandom");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

MultipartWriter::MultipartWriter(std::string_view subtype) : MultipartWriter(subtype, random_boundary()) {}

MultipartWriter::MultipartWriter(std::string_view subtype, std::string_view boundary)
    : state_(std::make_unique<detail::WriterState>()) {
    if (!detail::is_boundary(boundary)) throw ValueError("multipart: invalid boundary");
    state_->subtype = ContentType("multipart", subtype).subtype();
    state_->boundary = boundary;
}

MultipartWriter::MultipartWriter(MultipartWriter&&) noexcept = default;
MultipartWriter& MultipartWriter::operator=(MultipartWriter&&) noexcept = default;
MultipartWriter::~MultipartWriter() = default;

const std::string& MultipartWriter::boundary() const noexcept { return state_->boundary; }

std::string MultipartWriter::content_type() const {
    ContentType type("multipart", state_->subtype);
    type.parameters().set("boundary", state_->boundary);
    return type.str();
}

Headers& MultipartWriter::append(std::string content, Headers headers) {
    state_->parts.push_back({std::move(headers), Payload(std::move(content))});
    return state_->parts.back().headers;
}

Headers& MultipartWriter::append(AsyncGenerator<std::string> content, Headers headers) {
    state_->parts.push_back({std::move(headers), Payload(std::move(content))});
    return state_->parts.back().headers;
}

Headers& MultipartWriter::append(aio::StreamReader content, Headers headers) {
    state_->parts.push_back({std::move(headers), Payload(std::move(content))});
    return state_->parts.back().headers;
}

Headers& MultipartWriter::append(MultipartWriter content, Headers headers) {
    return append_payload(Payload(std::move(content)), std::move(headers));
}

Headers& MultipartWriter::append_payload(Payload content, Headers headers) {
    if (!content.content_type().empty()) headers.setdefault(hdrs::CONTENT_TYPE, content.content_type());
    state_->parts.push_back({std::move(headers), std::move(content)});
    return state_->parts.back().headers;
}

Headers& MultipartWriter::append_form(const MultiDict& fields, Headers headers) {
    return append_payload(Payload(urlencode(fields), "application/x-www-form-urlencoded"),
                          std::move(headers));
}

std::size_t MultipartWriter::size() const noexcept { return state_->parts.size(); }

std::optional<std::uint64_t> MultipartWriter::content_length() const {
    constexpr std::size_t kAroundHead = 2 + 2 + 2 + 2;  // a line break, "--" and two line breaks
    if (!prepared()) return std::nullopt;
    std::uint64_t sum = state_->end().size();
    if (!empty()) sum -= 2;  // nothing precedes the first one
    for (const detail::OutgoingPart& part : state_->parts) {
        const auto size = part.content.size();
        if (!size) return std::nullopt;
        sum += kAroundHead + state_->boundary.size() + part.headers.text().size() + *size;
    }
    return sum;
}

bool MultipartWriter::repeatable() const noexcept {
    return std::all_of(state_->parts.begin(), state_->parts.end(),
                       [](const detail::OutgoingPart& part) { return part.content.repeatable(); });
}

bool MultipartWriter::prepared() const noexcept {
    return std::all_of(state_->parts.begin(), state_->parts.end(),
                       [](const detail::OutgoingPart& part) { return part.content.prepared(); });
}

Coro<> MultipartWriter::prepare() {
    for (const detail::OutgoingPart& part : state_->parts) co_await part.content.prepare();
}

Coro<> MultipartWriter::write(BodyWriter& to) { return write_parts(*state_, to); }

Coro<> MultipartWriter::write(aio::StreamWriter writer) {
    detail::StreamBodyWriter to(std::move(writer));
    co_await write_parts(*state_, to);
}

Coro<std::string> MultipartWriter::as_bytes() {
    detail::TextBodyWriter to;
    co_await write_parts(*state_, to);
    co_return std::move(to.text);
}

void set_content_disposition(Headers& headers, std::string_view type, std::string_view filename,
                             std::string_view name) {
    ContentDisposition disposition(type);
    if (disposition.type() == "form-data") {
        const auto file = filename.empty() ? std::nullopt : std::optional(filename);
        headers.set(hdrs::CONTENT_DISPOSITION, detail::form_data_disposition(name, file, true));
        return;
    }
    if (!name.empty()) disposition.parameters().set("name", name);
    if (!filename.empty()) disposition.set_filename(filename);
    headers.set(hdrs::CONTENT_DISPOSITION, disposition.str());
}

}  // namespace aio::http
