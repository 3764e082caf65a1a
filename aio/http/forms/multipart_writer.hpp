// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/async_generator.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

namespace detail {
struct WriterState;
}

/// Makes a multipart body (RFC 2046) of parts, of which only those that are texts are in memory. It is sent
/// once. Mirrors aiohttp.MultipartWriter.
///
/// The boundary is 32 random digits, which no content has by chance and nobody can foresee. Headers refuse
/// what would begin another field or part. Threads: the loop's only.
class MultipartWriter {
public:
    /// Throws ValueError for a subtype that is no token, and for a boundary that is none (RFC 2046, 5.1.1).
    explicit MultipartWriter(std::string_view subtype = "mixed");
    MultipartWriter(std::string_view subtype, std::string_view boundary);
    MultipartWriter(MultipartWriter&&) noexcept;
    MultipartWriter& operator=(MultipartWriter&&) noexcept;
    ~MultipartWriter();

    const std::string& boundary() const noexcept AIO_LIFETIME_BOUND;
    /// The value of the field Content-Type, with the boundary.
    std::string content_type() const;

    /// One more part, with the fields of its head. The content is a text, whatever a generator yields or a
    /// stream has until its end, or parts.
    void append(std::string content, Headers headers);
    void append(std::string content);
    void append(AsyncGenerator<std::string> content, Headers headers);
    void append(StreamReader content, Headers headers);
    /// Its content type is set, if `headers` has none.
    void append(MultipartWriter content, Headers headers);
    void append(MultipartWriter content);
    /// The fields of a form, encoded as those of a query.
    void append_form(const MultiDict& fields);

    /// How many parts there are.
    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    /// How many bytes the whole body has; nothing if some content ends only when it ends.
    std::optional<std::uint64_t> content_length() const;

    /// The next bytes of the body, empty after the last ones. Throws what a generator or stream throws.
    /// Cancellation: immediate; a body that was begun cannot be sent again.
    Coro<std::string> next_chunk();
    /// Writes all of it, waiting as drain() does. Throws what drain() and next_chunk() do.
    Coro<> write(StreamWriter writer);
    /// All of it at once.
    Coro<std::string> as_bytes();

private:
    std::unique_ptr<detail::WriterState> state_;
};

}  // namespace aio::http
