// SPDX-License-Identifier: MIT
#pragma once

#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/task.hpp>
#include <aio/web/connection/deadlines_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>

#include <exception>
#include <memory>

namespace aio::web::detail {

/// A connection of a server. One task serves its requests, one after the other. Mirrors
/// aiohttp.web_protocol.RequestHandler.
class RequestHandler final : public StreamReaderProtocol, private Deadline {
public:
    /// What the connection waits for.
    enum class Waits : std::uint8_t { nothing, request, head, body, end };

    explicit RequestHandler(std::shared_ptr<ServerState> server);
    ~RequestHandler() override;

    void connection_made(Transport& transport) override;
    void connection_lost(std::exception_ptr error) override;
    bool eof_received() override;

    const aio::StreamWriter& writer() const noexcept { return writer_; }
    /// Nothing of a request has come. What has come may not have been looked at yet.
    bool is_idle() const noexcept { return waits_ == Waits::request && reader().buffered().empty(); }
    /// Ends the connection unless a request is at work.
    void close_if_idle();
    /// Ends whatever goes on.
    void cancel();

    /// Until the scope's end the connection waits, and not beyond the queue's limit.
    void begin_wait(DeadlineQueue& queue, Waits what);
    class WaitScope {
    public:
        explicit WaitScope(RequestHandler& handler) noexcept : handler_(handler) {}
        WaitScope(const WaitScope&) = delete;
        WaitScope& operator=(const WaitScope&) = delete;
        ~WaitScope() { handler_.end_wait(); }

    private:
        RequestHandler& handler_;
    };

private:
    class ExchangeLoan;
    class Ending;

    void client_left();
    static Coro<> serve(std::shared_ptr<RequestHandler> self);
    Coro<bool> serve_ready();
    Coro<bool> receive_late(Http1Exchange& exchange, std::exception_ptr error);
    Coro<bool> receive_head(Http1Exchange& exchange);
    static bool send_now(Http1Exchange& exchange, const Response& response, std::exception_ptr& error);
    Coro<bool> finish(Http1Exchange& exchange, std::optional<Response>& response, std::exception_ptr error,
                      bool sent, TimePoint begin);
    bool answer_error(const std::exception_ptr& error, Http1Exchange& exchange,
                      std::optional<Response>& response);
    Response answer_to(const std::exception_ptr& error, Http1Exchange& exchange);
    Response page_of(const std::exception_ptr& error, Http1Exchange& exchange) const;
    void log(Http1Exchange& exchange, const Response& response, TimePoint begin);
    void report(const std::exception_ptr& error, Http1Exchange& exchange) const;
    Coro<bool> linger(Http1Exchange& exchange);
    Coro<> discard();
    void end_wait() noexcept;
    void expire() noexcept override;

    const std::shared_ptr<ServerState> server_;
    ConnectionLink link_;
    aio::StreamWriter writer_;
    Task<> task_;
    Waits waits_ = Waits::nothing;
    bool timed_out_ = false;
};

}  // namespace aio::web::detail
