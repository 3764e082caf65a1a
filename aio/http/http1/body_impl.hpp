// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_source.hpp>
#include <aio/http/parser.hpp>
#include <aio/streams/stream_reader.hpp>

#include <cstdint>
#include <string>

namespace aio::http::detail {

/// The body of the message whose head `parser` has just given, and which was consumed.
class Http1Body final : public BodySource {
public:
    /// Both must live as long as this.
    Http1Body(const aio::StreamReader& reader, MessageParser& parser) noexcept
        : reader_(reader), parser_(parser) {}

    /// Throws kinds of BadHttpMessage.
    State take(std::string& out, std::size_t most) override;
    /// Throws what the connection throws, kinds of BadHttpMessage if it ends within the body.
    Coro<> wait() override;
    bool ends_chunk() const noexcept override { return ends_chunk_; }
    std::uint64_t raw_bytes() const noexcept override { return raw_; }

private:
    const aio::StreamReader& reader_;
    MessageParser& parser_;
    std::uint64_t raw_ = 0;
    bool ends_chunk_ = false;
};

}  // namespace aio::http::detail
