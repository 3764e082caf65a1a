// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/http/body/body_writer.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio {
class StreamReader;
namespace fs {
class File;
}
}  // namespace aio

namespace aio::http {

class FormData;
class MultipartWriter;
class StreamReader;

namespace detail {

/// What a Payload holds.
class PayloadContent {
public:
    PayloadContent() = default;
    PayloadContent(const PayloadContent&) = delete;
    PayloadContent& operator=(const PayloadContent&) = delete;
    virtual ~PayloadContent() = default;

    /// In bytes; none if only its end tells.
    virtual std::optional<std::uint64_t> size() const = 0;
    /// Whether write() can be called once more, as a redirect wants it.
    virtual bool repeatable() const noexcept = 0;
    /// Whether the two are known; prepare() finds out.
    virtual bool prepared() const noexcept { return true; }
    virtual Coro<> prepare();
    virtual Coro<> write(BodyWriter& to) = 0;
};

}  // namespace detail

/// What becomes the body of a message: a text, bytes, a form, a file, a stream, whatever a generator yields.
/// Mirrors aiohttp.payload.Payload and what aiohttp makes of the `data` that it is given.
///
/// Who sends one asks prepared() before size(), and awaits prepare() if it is not: files tell their size in
/// a thread only. Copies share what is no text.
///
/// Threads: as of std::string; one that streams belongs to the loop where it is sent.
class Payload {
public:
    /// None at all.
    Payload() = default;
    /// Text, or bytes: application/octet-stream unless `content_type` says otherwise. Throws ValueError for a
    /// type with a control character.
    Payload(std::string bytes) noexcept  // NOLINT(google-explicit-constructor)
        : bytes_(std::move(bytes)), has_bytes_(true), octets_(true) {}
    Payload(std::string bytes, std::string_view content_type);
    Payload(std::string_view bytes);  // NOLINT(google-explicit-constructor)
    Payload(const char* bytes);       // NOLINT(google-explicit-constructor)
    /// UTF-8 as text/plain in that character set. Throws as encode() does.
    static Payload text(std::string text, std::string_view charset = "utf-8");
    /// A value as JSON, application/json. Needs <aio/http/json.hpp>. Throws as json::dumps().
    template <class T>
    static Payload json(const T& value) {
        return Payload(aio::json::detail::dump_body(value), "application/json");
    }
    /// Urlencoded, or multipart as soon as there is a file in it.
    Payload(FormData form);              // NOLINT(google-explicit-constructor)
    Payload(MultipartWriter multipart);  // NOLINT(google-explicit-constructor)
    /// Whatever is yielded, or is read until the end. A generator that is left early, because the peer has
    /// gone or the send is cancelled, has run its clean-up when write() ends.
    Payload(AsyncGenerator<std::string> chunks);  // NOLINT(google-explicit-constructor)
    Payload(aio::StreamReader stream);            // NOLINT(google-explicit-constructor)
    /// A body that arrives, and must be there until it is sent: what a proxy does.
    Payload(StreamReader& body);  // NOLINT(google-explicit-constructor)
    /// What is left of an open file, from its position on, without copying it through the process where
    /// that is possible; of one that changes meanwhile as many bytes as it had, or an error. It stays open,
    /// and its position is anywhere afterwards.
    Payload(fs::File file);  // NOLINT(google-explicit-constructor)
    /// The whole of a file, whose type is guessed by its name; opened by prepare(), closed by write().
    static Payload file(std::string path);

    /// Those bytes instead, of which nothing else is known.
    Payload& assign(std::string bytes) noexcept {
        bytes_ = std::move(bytes);
        content_.reset();
        has_bytes_ = octets_ = true;
        return *this;
    }

    /// Nothing was given.
    bool empty() const noexcept { return !content_ && !has_bytes_; }
    /// The bytes, if they are in memory; else null.
    const std::string* bytes() const noexcept { return has_bytes_ ? &bytes_ : nullptr; }
    /// In bytes; none if only its end tells, or prepared() does not hold.
    std::optional<std::uint64_t> size() const;
    /// What Content-Type should say; may be empty.
    std::string_view content_type() const noexcept {
        if (octets_) return "application/octet-stream";
        return content_type_;
    }
    Payload& content_type(std::string_view type) &;
    Payload&& content_type(std::string_view type) && { return std::move(this->content_type(type)); }
    /// Whether it can be sent once more, as a redirect may want it.
    bool repeatable() const noexcept { return !content_ || content_->repeatable(); }
    /// Whether size() is final; only files have to be asked.
    bool prepared() const noexcept { return !content_ || content_->prepared(); }
    /// Opens what is a file, and finds its size. Throws OSError. Cancellation: immediate.
    Coro<> prepare() const;
    /// Sends all of it, waiting between pieces as BodyWriter::drain() does; the end of the message is the
    /// caller's. Throws what the writer, a generator, stream or file throws; RuntimeError if it was sent and
    /// is not repeatable(), or a file has become shorter. Cancellation: immediate, but for the clean-up of a
    /// generator.
    Coro<> write(BodyWriter& to) const;

    /// A kind of one's own.
    Payload(std::shared_ptr<detail::PayloadContent> content, std::string_view content_type);

private:
    std::string bytes_;
    std::string content_type_;
    std::shared_ptr<detail::PayloadContent> content_;
    bool has_bytes_ = false;
    bool octets_ = false;  // the usual type, which needs no string of its own
};

}  // namespace aio::http
