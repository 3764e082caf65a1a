// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>
#include <aio/http/http1/body_impl.hpp>
#include <aio/http/http1/writer_impl.hpp>
#include <aio/http/parser.hpp>
#include <aio/web/connection/exchange_impl.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::web::detail {

class RequestHandler;

/// One after the other on a connection of HTTP/1. Taken when the first byte of a request arrives, and given
/// back when its answer was sent: a connection that is idle has none.
class Http1Exchange final : public Exchange, private http::detail::BodySource, public pool::Pooled {
public:
    explicit Http1Exchange(ServerState& server);

    /// Begins to serve a connection.
    void attach(RequestHandler& connection);
    /// Takes what is there of a head; true if that is all of it, which request() has then. Throws kinds of
    /// BadHttpMessage.
    bool receive_head();
    /// How many bytes must be there before receive_head() has more to say.
    std::size_t wanted() const noexcept { return parser_->wanted(); }
    /// The connection has ended: false if no request had begun. Throws as receive_head().
    bool feed_eof() { return parser_->feed_eof(); }
    /// The connection is closed after this answer.
    void force_close() noexcept { head_.keep_alive = false; }

    /// All of the request was read from the connection.
    bool body_is_read() const noexcept { return !has_body_ || content_.is_eof() || parser_->done(); }
    /// How much of a body that nobody has read is worth a connection that can be kept.
    static constexpr std::uint64_t kDrained = std::uint64_t{256} * 1024;
    /// What is left of the body is little, and can be dropped, so that another request may follow. A client
    /// that was not told otherwise may send that at once.
    bool is_droppable() const noexcept {
        return body_is_read() ||
               (!decoded_ && head_.content_length && *head_.content_length - body_->raw_bytes() <= kDrained);
    }
    /// Another request may follow; known after the answer.
    bool keeps_alive() const noexcept { return keeps_alive_ && complete(); }
    /// The client is gone, though the transport may not know it yet.
    bool broken() const noexcept { return writer_.broken(); }
    /// What is left of the body is dropped: no deadline of it counts any more.
    void begin_lingering() noexcept { lingering_ = true; }
    /// Nobody uses request and response any more. Gives whether the exchange can serve another request.
    bool finish() noexcept;

    http::BodyWriter& begin(ResponseState& response, const BodyPlan& plan) override;
    void end() override { writer_.write_eof(); }
    bool complete() const noexcept override { return answered_ && writer_.complete(); }
    std::uint64_t output_size() const noexcept override { return writer_.output_size(); }
    const aio::StreamWriter& stream() const noexcept override { return writer_.stream(); }
    aio::StreamReader upgrade() override;

private:
    // The body: that of the connection, behind "100 Continue", and under the server's deadline.
    State take(std::string& out, std::size_t most) override { return body_->take(out, most); }
    Coro<> wait() override;
    bool ends_chunk() const noexcept override { return body_->ends_chunk(); }
    std::uint64_t raw_bytes() const noexcept override { return body_->raw_bytes(); }

    void begin_body();
    http::detail::Framing framing(const ResponseState& response, const BodyPlan& plan);
    void write_fields(std::string& out, const ResponseState& response, const BodyPlan& plan,
                      http::detail::Framing framing) const;
    void write_common(std::string& out, const http::Headers& headers) const;

    std::unique_ptr<http::RequestParser> parser_;  ///< none after upgrade()
    std::vector<http::Field> fields_;              ///< those of the request, then
    RequestHandler* connection_ = nullptr;
    std::optional<http::detail::Http1Body> body_;
    std::unique_ptr<http::detail::BodySource> decoded_;  ///< the body, if it came compressed
    http::detail::Http1Writer writer_;
    std::string text_;             ///< the head of the request
    Ref<ResponseState> response_;  ///< the one that was begun
    bool has_body_ = false;
    bool lingering_ = false;
    bool keeps_alive_ = false;
    bool continue_pending_ = false;  ///< the client waits for "100 Continue"
};

}  // namespace aio::web::detail
