// SPDX-License-Identifier: MIT
#include <aio/fs/file.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/body/payload_contents_impl.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/streams/stream_reader.hpp>

#include <algorithm>

namespace aio::http {
namespace {

constexpr std::string_view kOctets = "application/octet-stream";
// What a connection does not take at once it copies; of a large body no more than this.
constexpr std::size_t kPiece = std::size_t{256} * 1024;

// It becomes a field.
std::string_view checked_type(std::string_view type) {
    if (!syntax::is_field_value(type)) syntax::raise_bad_text("not a content type", type);
    return type;
}

}  // namespace

Coro<> detail::PayloadContent::prepare() { co_return; }

Payload::Payload(std::string bytes, std::string_view content_type)
    : bytes_(std::move(bytes)),
      content_type_(checked_type(content_type)),
      has_bytes_(true),
      octets_(content_type.empty()) {}
Payload::Payload(std::string_view bytes) : Payload(std::string(bytes)) {}
Payload::Payload(const char* bytes) : Payload(std::string(bytes)) {}

Payload Payload::text(std::string text, std::string_view charset) {
    std::string bytes = encode(std::move(text), charset);
    return Payload(std::move(bytes), "text/plain; charset=" + std::string(charset));
}

Payload::Payload(FormData form) {
    content_type_ = form.content_type();
    if (form.is_multipart()) {
        *this = Payload(std::move(form).multipart());
    } else {
        bytes_ = form.urlencoded();
        has_bytes_ = true;
    }
}

Payload::Payload(MultipartWriter multipart) : content_type_(multipart.content_type()) {
    content_ = detail::content_of(std::move(multipart));
}

Payload::Payload(AsyncGenerator<std::string> chunks)
    : content_type_(kOctets), content_(detail::content_of(std::move(chunks))) {}
Payload::Payload(aio::StreamReader stream)
    : content_type_(kOctets), content_(detail::content_of(std::move(stream))) {}
Payload::Payload(StreamReader& body) : content_type_(kOctets), content_(detail::content_of(body)) {}
Payload::Payload(fs::File file) : content_type_(kOctets) {
    if (const auto guessed = guess_type(file.name()).type) content_type_ = *guessed;
    content_ = detail::content_of(std::move(file));
}
Payload::Payload(std::shared_ptr<detail::PayloadContent> content, std::string_view content_type)
    : content_type_(checked_type(content_type)), content_(std::move(content)) {}

Payload& Payload::content_type(std::string_view type) & {
    content_type_.assign(checked_type(type));
    octets_ = false;
    return *this;
}

Payload Payload::file(std::string path) {
    const std::string_view type = guess_type(path).type.value_or(kOctets);
    return Payload(detail::content_of_path(std::move(path)), type);
}

std::optional<std::uint64_t> Payload::size() const {
    if (!content_) return bytes_.size();
    return content_->size();
}

// In both the content is kept by the coroutine: the payload may be given another one meanwhile.
Coro<> Payload::prepare() const {
    const auto content = content_;
    if (content) co_await content->prepare();
}

Coro<> Payload::write(BodyWriter& to) const {
    const auto content = content_;
    if (content) {
        co_await content->write(to);
        co_return;
    }
    for (std::string_view left = bytes_; !left.empty();) {
        to.write(left.substr(0, kPiece));
        left.remove_prefix(std::min(left.size(), kPiece));
        if (!left.empty()) co_await to.drain();
    }
}

}  // namespace aio::http
