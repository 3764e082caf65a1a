// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_writer.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/headers.hpp>
#include <aio/streams/stream_writer.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace aio::http::detail {

/// How the end of a body is told.
enum class Framing : std::uint8_t {
    none,        ///< there is no body, whatever is written: answers to HEAD, 204, 304
    length,      ///< by Content-Length
    chunked,     ///< by Transfer-Encoding
    until_close  ///< by the end of the connection
};

/// Writes messages to a connection of HTTP/1, one after the other. A head goes out together with the first
/// piece of its body.
class Http1Writer final : public BodyWriter {
public:
    explicit Http1Writer(aio::StreamWriter writer = aio::StreamWriter()) noexcept
        : writer_(std::move(writer)) {}
    /// To another connection from now on, with the memory that it has.
    void attach(aio::StreamWriter writer) noexcept { writer_ = std::move(writer); }

    /// To be filled with the head of a message, from its first line through the empty one.
    std::string& begin_head() {
        out_.clear();
        return out_;
    }
    /// Gives back the memory that is kept for the next head.
    void shrink_to_fit() { out_.shrink_to_fit(); }
    /// The head is complete; what is written from now on is its body.
    void begin_body(Framing framing, std::uint64_t length = 0);
    /// Compresses what is written: after begin_body(), before the first piece, and not with Framing::length.
    void compress(ContentCoding coding, std::optional<int> level = std::nullopt);

    void write(BytesView data) override;
    void flush() override;
    Coro<> drain() override;
    Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) override;
    /// Sends the head if nothing else has.
    void send_head();
    /// Ends the body.
    void write_eof() { end(nullptr); }
    /// The same. Throws ValueError for trailers that may not be; they are left out where the body is not
    /// chunked.
    void write_eof(const Headers& trailers) { end(&trailers); }

    /// The body was ended, and has the length that was announced.
    bool complete() const noexcept { return ended_ && left_ == 0; }
    /// How many bytes of the body went to the connection, with what frames them.
    std::uint64_t output_size() const noexcept { return output_size_; }
    /// The system has said that nobody receives any more, before the transport knows.
    bool broken() const noexcept { return broken_; }
    const aio::StreamWriter& stream() const noexcept { return writer_; }

private:
    void end(const Headers* trailers);
    void send(BytesView data);
    void send_piece(BytesView data);
    void check_length(std::uint64_t size) const;
    void count(std::uint64_t size) noexcept;

    aio::StreamWriter writer_;
    std::string out_;  ///< what goes out before the next piece: a head, the size of a chunk
    std::optional<Compressor> compressor_;
    std::uint64_t left_ = 0;
    std::uint64_t output_size_ = 0;
    Framing framing_ = Framing::none;
    bool ended_ = true;
    bool broken_ = false;
    bool holds_back_ = false;  ///< the compressor, since the last flush()
};

}  // namespace aio::http::detail
