// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/multipart_impl.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/url/query.hpp>

#include <sys/random.h>
#include <array>
#include <cerrno>
#include <utility>
#include <variant>
#include <vector>

namespace aio::http {
namespace detail {

struct OutgoingPart {
    Headers headers;
    std::variant<std::string, AsyncGenerator<std::string>, MultipartWriter> content;
};

struct WriterState {
    std::string subtype;
    std::string boundary;
    std::vector<OutgoingPart> parts;
    // What next_chunk() goes on with.
    std::size_t part = 0;
    bool in_content = false;
    bool ended = false;

    std::string head() const;
    std::string end() const { return "--" + boundary + "--\r\n"; }
};

std::string WriterState::head() const {
    std::string text = part == 0 ? "--" : "\r\n--";
    text += boundary;
    text += "\r\n";
    parts[part].headers.append_to(text);
    text += "\r\n";
    return text;
}

}  // namespace detail

namespace {

// Texts up to this size are sent in one piece with what stands before them; copying more costs more than it
// saves.
constexpr std::size_t kJoined = 16 * 1024;

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

AsyncGenerator<std::string> chunks_of(StreamReader reader) {
    for (;;) {
        std::optional<std::string> chunk = co_await reader.next_chunk();
        if (!chunk) co_return;
        co_yield std::move(*chunk);
    }
}

// Some bytes of a part's content, nothing at its end.
Coro<std::optional<std::string>> next_piece(detail::OutgoingPart& part) {
    std::optional<std::string> piece;
    if (auto* const generator = std::get_if<AsyncGenerator<std::string>>(&part.content)) {
        piece = co_await generator->next();
    } else if (auto* const parts = std::get_if<MultipartWriter>(&part.content)) {
        piece = co_await parts->next_chunk();
        if (piece->empty()) piece.reset();
    } else {
        std::string& text = std::get<std::string>(part.content);
        if (!text.empty()) piece.emplace(std::exchange(text, {}));
    }
    co_return piece;
}

// How many bytes a content has, if it is known.
std::optional<std::uint64_t> size_of(const std::string& text) { return text.size(); }
std::optional<std::uint64_t> size_of(const AsyncGenerator<std::string>&) { return std::nullopt; }
std::optional<std::uint64_t> size_of(const MultipartWriter& parts) { return parts.content_length(); }

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

void MultipartWriter::append(std::string content, Headers headers) {
    state_->parts.push_back({std::move(headers), std::move(content)});
}

void MultipartWriter::append(std::string content) { append(std::move(content), Headers()); }

void MultipartWriter::append(AsyncGenerator<std::string> content, Headers headers) {
    state_->parts.push_back({std::move(headers), std::move(content)});
}

void MultipartWriter::append(StreamReader content, Headers headers) {
    append(chunks_of(std::move(content)), std::move(headers));
}

void MultipartWriter::append(MultipartWriter content, Headers headers) {
    headers.setdefault(hdrs::CONTENT_TYPE, content.content_type());
    state_->parts.push_back({std::move(headers), std::move(content)});
}

void MultipartWriter::append(MultipartWriter content) { append(std::move(content), Headers()); }

void MultipartWriter::append_form(const MultiDict& fields) {
    append(urlencode(fields), Headers().add(hdrs::CONTENT_TYPE, "application/x-www-form-urlencoded"));
}

std::size_t MultipartWriter::size() const noexcept { return state_->parts.size(); }

std::optional<std::uint64_t> MultipartWriter::content_length() const {
    constexpr std::size_t kAroundHead = 2 + 2 + 2 + 2;  // a line break, "--" and two line breaks
    std::uint64_t sum = state_->end().size();
    for (const detail::OutgoingPart& part : state_->parts) {
        const auto size = std::visit([](const auto& content) { return size_of(content); }, part.content);
        if (!size) return std::nullopt;
        sum += kAroundHead + state_->boundary.size() + part.headers.text().size() + *size;
    }
    return sum;
}

Coro<std::string> MultipartWriter::next_chunk() {
    detail::WriterState& state = *state_;
    std::string chunk;
    while (chunk.empty() && state.part < state.parts.size()) {
        detail::OutgoingPart& part = state.parts[state.part];
        if (!state.in_content) {
            chunk = state.head();
            const auto* text = std::get_if<std::string>(&part.content);
            state.in_content = !text || text->size() > kJoined;
            if (text && !state.in_content) chunk += *text;
        } else {
            std::optional<std::string> piece = co_await next_piece(part);
            state.in_content = piece.has_value();
            if (piece) chunk = std::move(*piece);
        }
        if (!state.in_content) ++state.part;
    }
    if (chunk.empty() && !state.ended) {
        state.ended = true;
        chunk = (state.parts.empty() ? "" : "\r\n") + state.end();
    }
    co_return chunk;
}

Coro<> MultipartWriter::write(StreamWriter writer) {
    for (;;) {
        std::string chunk = co_await next_chunk();
        if (chunk.empty()) co_return;
        writer.write(std::move(chunk));
        co_await writer.drain();
    }
}

Coro<std::string> MultipartWriter::as_bytes() {
    std::string body;
    for (;;) {
        const std::string chunk = co_await next_chunk();
        if (chunk.empty()) co_return body;
        body += chunk;
    }
}

}  // namespace aio::http
