// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_writer.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/message.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response_impl.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace aio::web::detail {

class ServerState;

/// How long the body of an answer is, and how its end is told.
struct BodyPlan {
    std::optional<std::uint64_t> size;  ///< none: only its end tells
    std::string_view content_type;      ///< where the response has none; empty for no body
    std::optional<http::ContentCoding> coding;
};

/// One request and the way back for its answer, whichever version of HTTP carries them.
class Exchange {
public:
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    const http::RequestHead& head() const noexcept { return head_; }
    http::StreamReader& content() noexcept { return content_; }
    Request& request() noexcept { return request_; }
    ServerState& server() const noexcept { return *server_; }

    /// Sends the head of the answer, or has it ready to go with the first piece of the body. Throws
    /// RuntimeError if one was sent.
    virtual http::BodyWriter& begin(ResponseState& response, const BodyPlan& plan) = 0;
    /// Ends the body of the answer.
    virtual void end() = 0;
    /// The answer has begun.
    bool answered() const noexcept { return answered_; }
    /// The answer has come to its end, as long as it was announced to be.
    virtual bool complete() const noexcept = 0;
    /// How many bytes the body of the answer had.
    virtual std::uint64_t output_size() const noexcept = 0;

    /// The connection below.
    virtual const aio::StreamWriter& stream() const noexcept = 0;
    /// After a head of 101: from now on the connection is that of another protocol, and ends with the
    /// handler.
    virtual aio::StreamReader upgrade() = 0;
    bool upgraded() const noexcept { return upgraded_; }

protected:
    Exchange() : request_(*this) {}
    ~Exchange() = default;

    http::RequestHead head_;
    http::StreamReader content_;
    Request request_;
    ServerState* server_ = nullptr;
    bool answered_ = false;
    bool upgraded_ = false;
};

}  // namespace aio::web::detail
