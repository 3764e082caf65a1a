// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/async_generator.hpp>
#include <aio/http/body/payload.hpp>
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

/// Makes a multipart body (RFC 2046) of parts, of which only those that are texts are in memory. It can be
/// sent again if all of its parts can. Mirrors aiohttp.MultipartWriter.
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

    /// One more part, with the fields of its head, which are given back: they may be changed until it is
    /// sent, and are valid as long as the writer. The content is a text, whatever a generator yields or a
    /// stream has until its end, or parts, whose content type is set if `headers` has none.
    Headers& append(std::string content, Headers headers = Headers());
    Headers& append(AsyncGenerator<std::string> content, Headers headers = Headers());
    Headers& append(aio::StreamReader content, Headers headers = Headers());
    Headers& append(MultipartWriter content, Headers headers = Headers());
    /// The same for whatever may be a body, with its content type.
    Headers& append_payload(Payload content, Headers headers = Headers());
    /// The fields of a form, encoded as those of a query.
    Headers& append_form(const MultiDict& fields, Headers headers = Headers());
    /// A value as JSON. Needs <aio/http/json.hpp>.
    template <class T>
    Headers& append_json(const T& value, Headers headers = Headers()) {
        return append_payload(Payload::json(value), std::move(headers));
    }

    /// How many parts there are.
    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    /// How many bytes the whole body has; nothing if some content ends only when it ends, or if it is not
    /// prepared().
    std::optional<std::uint64_t> content_length() const;
    /// As of a Payload: whether it can be sent again, whether all sizes are known, and what finds them out.
    bool repeatable() const noexcept;
    bool prepared() const noexcept;
    Coro<> prepare();

    /// Writes all of it, waiting as drain() does. Throws what `to` and the contents throw, RuntimeError if
    /// it was sent and is not repeatable(). Cancellation: as of Payload::write().
    Coro<> write(BodyWriter& to);
    Coro<> write(aio::StreamWriter writer);
    /// All of it at once.
    Coro<std::string> as_bytes();

private:
    std::unique_ptr<detail::WriterState> state_;
};

/// Says in the head of a part how it is to be presented, under which name: "attachment", "inline", or
/// "form-data" with the name of a field. Throws ValueError for control characters, and a type that is no
/// token. Mirrors aiohttp's Payload.set_content_disposition().
void set_content_disposition(Headers& headers, std::string_view type, std::string_view filename = {},
                             std::string_view name = {});

}  // namespace aio::http
