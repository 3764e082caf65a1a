// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/multipart_impl.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <array>

namespace aio::http {
namespace {

using State = std::shared_ptr<detail::MultipartState>;

// Deeper ones are nobody's.
constexpr int kMaxDepth = 8;
// What a mail program may put behind a boundary; longer is no such thing.
constexpr std::size_t kMaxPadding = 1024;

[[noreturn]] void raise_invalid(const char* what) { throw ValueError(std::string("multipart: ") + what); }

// Through the next delimiter. What stands before it, the rest of a part or what precedes the first one, is
// left out.
Coro<> take_delimiter(State state) {
    if (!state->begun) {
        state->begun = true;
        const bool at_once = co_await detail::take_if(state->content, state->delimiter.substr(2));
        if (at_once) co_return;
    }
    auto before = std::make_shared<detail::DelimitedContent>(state->content, state->delimiter, false);
    co_await detail::skip(std::move(before));
    state->content->consume(state->delimiter.size());
}

// What follows the boundary in its line; gives whether it was the last one.
Coro<bool> take_rest_of_delimiter(State state) {
    const bool last = co_await detail::take_if(state->content, "--");
    if (last) co_return true;
    const std::string padding = co_await detail::take_line(state->content, kMaxPadding);
    if (!syntax::trim(padding).empty()) raise_invalid("a boundary is followed by other text");
    co_return false;
}

void add_header(Headers& headers, std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) raise_invalid("a line of a part's head has no colon");
    headers.add(line.substr(0, colon), line.substr(colon + 1));
}

// Of two the receiver would take one, and whoever looked before it maybe the other.
void refuse_repeated(const Headers& headers) {
    for (const auto& name :
         {hdrs::CONTENT_DISPOSITION, hdrs::CONTENT_TYPE, hdrs::CONTENT_TRANSFER_ENCODING}) {
        if (headers.getall(name).size() > 1) raise_invalid("a field of a part's head is there twice");
    }
}

// The line break of the empty line is left to the content.
Coro<Headers> take_headers(State state) {
    Headers headers;
    for (;;) {
        const std::string_view view = co_await state->content->fill(2);
        if (view.starts_with("\r\n")) break;
        const std::string line = co_await detail::take_line(state->content, state->options.max_field_size());
        if (headers.size() == state->options.max_headers()) raise_invalid("too many fields in a part's head");
        add_header(headers, line);
    }
    refuse_repeated(headers);
    co_return headers;
}

Coro<> take_head(State state) {
    auto part = std::make_shared<detail::PartState>();
    part->headers = co_await take_headers(state);
    part->content = std::make_shared<detail::DelimitedContent>(state->content, state->delimiter, true);
    part->options = state->options;
    part->depth = state->depth;
    part->in_form = state->is_form;
    state->part = std::move(part);
}

}  // namespace

bool detail::is_boundary(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

MultipartReader::MultipartReader(std::string_view content_type, aio::StreamReader content,
                                 const MultipartOptions& options)
    : MultipartReader(content_type, std::make_shared<detail::StreamContent>(std::move(content)), options, 0) {
}

MultipartReader::MultipartReader(std::string_view content_type, StreamReader& content,
                                 const MultipartOptions& options)
    : MultipartReader(content_type, std::make_shared<detail::BodyContent>(content), options, 0) {}

MultipartReader::MultipartReader(std::string_view content_type, std::shared_ptr<detail::Content> content,
                                 const MultipartOptions& options, int depth)
    : state_(std::make_shared<detail::MultipartState>()) {
    const auto type = ContentType::parse(content_type);
    if (!type || type->type() != "multipart") raise_invalid("the content type is no multipart type");
    const auto boundary = type->parameters().get("boundary");
    if (!boundary || !detail::is_boundary(*boundary)) raise_invalid("the content type has no valid boundary");
    state_->content = std::move(content);
    state_->delimiter = "\r\n--" + std::string(*boundary);
    state_->options = options;
    state_->depth = depth;
    state_->is_form = type->subtype() == "form-data";
    if (depth >= kMaxDepth) raise_invalid("parts within parts are too deep");
}

Coro<std::optional<BodyPartReader>> MultipartReader::next() const {
    const State state = state_;
    if (state->at_eof) co_return std::nullopt;
    if (state->broken) throw RuntimeError("multipart: an earlier call of next() failed or was cancelled");
    if (state->part) {
        state->part->content->close();
        state->part->at_eof = true;
    }
    state->part.reset();
    state->broken = true;
    co_await take_delimiter(state);
    state->at_eof = co_await take_rest_of_delimiter(state);
    if (state->at_eof) co_return std::nullopt;
    if (++state->parts > state->options.max_parts()) raise_invalid("too many parts");
    co_await take_head(state);
    state->broken = false;
    co_return BodyPartReader(state->part);
}

Coro<> MultipartReader::release() const {
    const MultipartReader self = *this;
    for (;;) {
        const std::optional<BodyPartReader> part = co_await self.next();
        if (!part) co_return;
    }
}

bool MultipartReader::at_eof() const noexcept { return state_->at_eof; }

}  // namespace aio::http
