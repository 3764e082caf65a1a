// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/forms/multipart_impl.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/transfer_encoding_impl.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/query.hpp>

namespace aio::http {
namespace {

std::optional<ContentDisposition> disposition_of(const Headers& headers) {
    return ContentDisposition::parse(headers.get(hdrs::CONTENT_DISPOSITION, ""));
}

std::string decode(std::string data, const Headers& headers) {
    const std::string encoding = syntax::lower(headers.get(hdrs::CONTENT_TRANSFER_ENCODING, "binary"));
    if (encoding == "base64") return detail::decode_base64(data);
    if (encoding == "quoted-printable") return detail::decode_quoted_printable(data);
    if (encoding == "binary" || encoding == "8bit" || encoding == "7bit") return data;
    throw ValueError("multipart: unknown content transfer encoding: " + encoding);
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

Coro<std::string> BodyPartReader::read(bool decoded) const {
    const BodyPartReader self = *this;
    std::string data;
    for (;;) {
        const std::string chunk = co_await self.read_chunk(std::size_t{1} << 16);
        if (chunk.empty()) break;
        if (chunk.size() > self.state_->options.max_part_size() - data.size()) {
            throw ValueError("multipart: a part has more than " +
                             std::to_string(self.state_->options.max_part_size()) + " bytes");
        }
        data += chunk;
    }
    if (decoded) data = decode(std::move(data), self.state_->headers);
    co_return data;
}

Coro<MultiDict> BodyPartReader::form() const {
    const BodyPartReader self = *this;
    std::string data = co_await self.read(true);
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
