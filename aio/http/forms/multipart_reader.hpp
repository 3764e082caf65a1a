// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/forms/multipart_options.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

namespace detail {
class Content;
struct MultipartState;
struct PartState;
}  // namespace detail

class MultipartReader;
class StreamReader;

/// One part of a multipart body. A handle: copies refer to the same part. Its content is read once, and gone
/// when the next part is asked for. Mirrors aiohttp.BodyPartReader.
///
/// Cancellation, for all reads: immediate; what was read already is lost. Threads: the loop's only.
class BodyPartReader {
public:
    /// For the library.
    explicit BodyPartReader(std::shared_ptr<detail::PartState> state) noexcept : state_(std::move(state)) {}

    const Headers& headers() const noexcept AIO_LIFETIME_BOUND;
    /// What Content-Disposition says, if it does: the name of a form's field, and of a file, without folders.
    /// Both were chosen by the peer.
    std::optional<std::string> name() const;
    std::optional<std::string> filename() const;

    /// Some bytes of the content as they come, at most `size`; empty at the end.
    Coro<std::string> read_chunk(std::size_t size = 8192) const;
    /// Through the end of the line; the last one may have none. Empty at the end. Throws ValueError for one
    /// that is longer than a part may be.
    Coro<std::string> readline() const;
    /// All that is left. With `decode` what Content-Transfer-Encoding says (base64, quoted-printable) is
    /// undone, and then what Content-Encoding does (gzip, deflate, br, zstd); the latter not in a form, where
    /// it has no meaning (RFC 7578, 4.8). Throws ValueError for what is too large, as it comes or decoded, or
    /// not encoded so, or in an unknown way; ContentEncodingError.
    Coro<std::string> read(bool decode = false) const;
    /// The same decoded, and as UTF-8: from the character set of its content type, else from `charset`, by
    /// default UTF-8. Throws as http::decode().
    Coro<std::string> text(std::string charset = "utf-8") const;
    /// The same as JSON. Throws JSONDecodeError. Needs <aio/http/json.hpp>.
    template <class T>
    Coro<T> json() const {
        const BodyPartReader self = *this;
        const std::string text = co_await self.text();
        co_return aio::json::detail::load_body<T>(text);
    }
    /// The same as the fields of a form.
    Coro<MultiDict> form(std::string charset = "utf-8") const;
    /// Reads all that is left into nowhere.
    Coro<> release() const;
    /// Whether the end was seen.
    bool at_eof() const noexcept;

    /// Whether it has parts itself, which multipart() reads. That throws ValueError if it has none, or is
    /// itself eight deep.
    bool is_multipart() const;
    MultipartReader multipart() const;

private:
    std::shared_ptr<detail::PartState> state_;
};

/// Reads a multipart body (RFC 2046) part by part, while it comes in:
///
///     while (auto part = co_await reader.next()) { ... }
///
/// Lines end with CRLF, as that standard has it. Mirrors aiohttp.MultipartReader. Threads: the loop's only.
class MultipartReader {
public:
    /// `content_type` is the value of that field, with its boundary. Throws ValueError if it is no multipart
    /// type or has no proper boundary.
    MultipartReader(std::string_view content_type, aio::StreamReader content,
                    const MultipartOptions& options = MultipartOptions());
    /// The same of the body of a message, which must live as long as the reader and its parts.
    MultipartReader(std::string_view content_type, StreamReader& content,
                    const MultipartOptions& options = MultipartOptions());

    /// The next part, nothing after the last one. What is left of the one before is skipped. Throws
    /// ValueError for what is no such body or ends too early, and then each time.
    /// Cancellation: immediate; the reader cannot be used any more, and throws RuntimeError.
    Coro<std::optional<BodyPartReader>> next() const;
    /// Reads all that is left into nowhere.
    Coro<> release() const;
    /// Whether the last delimiter was read.
    bool at_eof() const noexcept;

private:
    friend class BodyPartReader;
    MultipartReader(std::string_view content_type, std::shared_ptr<detail::Content> content,
                    const MultipartOptions& options, int depth);

    std::shared_ptr<detail::MultipartState> state_;
};

}  // namespace aio::http
