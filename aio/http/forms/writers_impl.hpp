// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_writer.hpp>
#include <aio/http/body/file_pieces_impl.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/transport/sendfile.hpp>

#include <string>
#include <utility>

/// Where a body may go beside a message.
namespace aio::http::detail {

/// A stream, without any framing.
class StreamBodyWriter final : public BodyWriter {
public:
    explicit StreamBodyWriter(aio::StreamWriter writer) noexcept : writer_(std::move(writer)) {}
    void write(BytesView data) override { writer_.write(data); }
    Coro<> drain() override { co_await writer_.drain(); }
    Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) override {
        return write_pieces_of(*this, file, offset, count);
    }

private:
    aio::StreamWriter writer_;
};

/// A text.
class TextBodyWriter final : public BodyWriter {
public:
    void write(BytesView data) override { text.append(data.text()); }
    Coro<> drain() override { co_return; }
    Coro<> sendfile(int file, std::uint64_t offset, std::uint64_t count) override {
        return write_pieces_of(*this, file, offset, count);
    }

    std::string text;
};

}  // namespace aio::http::detail
