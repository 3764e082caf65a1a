// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/decoded_source_impl.hpp>
#include <aio/http/error.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/multipart_impl.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/transfer_encoding_impl.hpp>
#include <aio/http/url/query.hpp>

namespace aio::http {
namespace {

std::optional<ContentDisposition> disposition_of(const Headers& headers) {
    return ContentDisposition::parse(headers.get(hdrs::CONTENT_DISPOSITION, ""));
}

std::string undo_transfer_encoding(std::string data, const Headers& headers) {
    detail::TransferDecoder decoder(headers);
    data = decoder.decode(std::move(data));
    data += decoder.finish();
    return data;
}

std::string undo_content_encoding(std::string data, const detail::PartState& part) {
    const std::string_view value = part.headers.get(hdrs::CONTENT_ENCODING, "");
    if (part.in_form || value.empty()) return data;
    const auto codings = detail::parse_content_encoding(value);
    if (!codings) throw ValueError("multipart: unknown content encoding: " + std::string(value));
    const auto options = DecompressorOptions().max_size(part.options.max_part_size());
    try {
        return detail::decode_content(std::move(data), *codings, options);
    } catch (const DecompressSizeError& error) {
        throw ValueError(std::string("multipart: ") + error.what());
    }
}

[[noreturn]] void raise_too_large(std::string_view what, std::size_t most) {
    throw ValueError("multipart: " + std::string(what) + " has more than " + std::to_string(most) + " bytes");
}

}  // namespace

const Headers& BodyPartReader::headers() const noexcept { return state_->headers; }

std::optional<std::string> BodyPartReader::name() const {
    const auto disposition = disposition_of(state_->headers);
    if (!disposition) return std::nullopt;
    const auto name = disposition->parameters().get("name");
    if (!name) return std::nullopt;
    return std::string(*name);
}

std::optional<std::string> BodyPartReader::filename() const {
    const auto disposition = disposition_of(state_->headers);
    return disposition ? disposition->filename() : std::nullopt;
}

Coro<std::string> BodyPartReader::read_chunk(std::size_t size) const {
    const auto state = state_;
    std::string chunk;
    if (state->at_eof || size == 0) co_return chunk;
    const std::string_view view = co_await state->content->fill(1);
    state->at_eof = view.empty();
    chunk = view.substr(0, size);
    state->content->consume(chunk.size());
    co_return chunk;
}

Coro<std::string> BodyPartReader::readline() const {
    const auto state = state_;
    std::string line;
    while (!state->at_eof) {
        std::string_view view = co_await state->content->fill(1);
        state->at_eof = view.empty();
        const std::size_t end = view.find('\n');
        if (end != view.npos) view = view.substr(0, end + 1);
        if (view.size() > state->options.max_part_size() - line.size()) {
            raise_too_large("a line", state->options.max_part_size());
        }
        line += view;
        state->content->consume(view.size());
        if (end != view.npos) break;
    }
    co_return line;
}

Coro<std::string> BodyPartReader::read(bool decoded) const {
    const BodyPartReader self = *this;
    const std::size_t most = self.state_->options.max_part_size();
    std::string data;
    for (;;) {
        const std::string chunk = co_await self.read_chunk(std::size_t{1} << 16);
        if (chunk.empty()) break;
        if (chunk.size() > most - data.size()) raise_too_large("a part", most);
        data += chunk;
    }
    if (decoded) {
        data = undo_transfer_encoding(std::move(data), self.state_->headers);
        data = undo_content_encoding(std::move(data), *self.state_);
    }
    co_return data;
}

Coro<std::string> BodyPartReader::text(std::string charset) const {
    const BodyPartReader self = *this;
    std::string data = co_await self.read(true);
    const auto type = ContentType::parse(self.headers().get(hdrs::CONTENT_TYPE, ""));
    if (type) charset = type->charset().value_or(charset);
    co_return decode(std::move(data), charset);
}

Coro<MultiDict> BodyPartReader::form(std::string charset) const {
    const BodyPartReader self = *this;
    std::string data = co_await self.text(std::move(charset));
    while (data.ends_with('\n') || data.ends_with('\r')) data.pop_back();
    const std::size_t most = self.state_->options.max_parts();
    co_return parse_qsl(data, ParseQslOptions().keep_blank_values(true).max_num_fields(most));
}

Coro<> BodyPartReader::release() const {
    const BodyPartReader self = *this;
    for (;;) {
        const std::string chunk = co_await self.read_chunk(std::size_t{1} << 16);
        if (chunk.empty()) co_return;
    }
}

bool BodyPartReader::at_eof() const noexcept { return state_->at_eof; }

bool BodyPartReader::is_multipart() const {
    const auto type = ContentType::parse(state_->headers.get(hdrs::CONTENT_TYPE, ""));
    return type && type->type() == "multipart";
}

MultipartReader BodyPartReader::multipart() const {
    return MultipartReader(state_->headers.get(hdrs::CONTENT_TYPE, ""), state_->content, state_->options,
                           state_->depth + 1);
}

}  // namespace aio::http
