// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/http/error.hpp>
#include <aio/http/fields/accept.hpp>
#include <aio/web/connection/http1_exchange_impl.hpp>
#include <aio/web/connection/request_handler_impl.hpp>
#include <aio/web/exceptions.hpp>

#include <array>

namespace aio::web::detail {

/// An exchange of the server's, which gets it back if it can serve others.
class RequestHandler::ExchangeLoan {
public:
    explicit ExchangeLoan(RequestHandler& handler)
        : handler_(handler), exchange_(handler.server_->take_exchange()) {
        exchange_->attach(handler);
    }
    ExchangeLoan(const ExchangeLoan&) = delete;
    ExchangeLoan& operator=(const ExchangeLoan&) = delete;
    ~ExchangeLoan() {
        if (exchange_->finish()) handler_.server_->give_exchange(std::move(exchange_));
    }
    /// Ends the request. Another one follows.
    void renew() {
        if (!exchange_->finish()) exchange_ = handler_.server_->take_exchange();
        exchange_->attach(handler_);
    }
    Http1Exchange& operator*() const noexcept { return *exchange_; }
    Http1Exchange* operator->() const noexcept { return exchange_.get(); }

private:
    RequestHandler& handler_;
    std::unique_ptr<Http1Exchange> exchange_;
};

/// Whatever ends the task ends the connection.
class RequestHandler::Ending {
public:
    explicit Ending(RequestHandler& handler) noexcept : handler_(handler) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() {
        const aio::StreamWriter writer = std::exchange(handler_.writer_, aio::StreamWriter());
        handler_.end_wait();
        handler_.link_.unlink();
        handler_.server_->connection_gone();
        writer.close();
    }

private:
    RequestHandler& handler_;
};

RequestHandler::RequestHandler(std::shared_ptr<ServerState> server)
    : StreamReaderProtocol(StreamReader(server->options.get_read_bufsize())),
      server_(std::move(server)),
      link_(*this) {}

RequestHandler::~RequestHandler() = default;

void RequestHandler::connection_made(Transport& transport) {
    StreamReaderProtocol::connection_made(transport);
    const auto self = std::static_pointer_cast<RequestHandler>(shared_from_this());
    writer_ = aio::StreamWriter(transport, self, reader());
    server_->connections.push_back(link_);
    task_ = server_->loop.create_task(serve(self));
}

void RequestHandler::connection_lost(std::exception_ptr error) {
    StreamReaderProtocol::connection_lost(std::move(error));
    client_left();
}

// The client may wait for the answer still. Whoever wants handlers cancelled takes it for gone.
bool RequestHandler::eof_received() {
    client_left();
    return StreamReaderProtocol::eof_received();
}

void RequestHandler::client_left() {
    if (server_->options.get_handler_cancellation() && waits_ == Waits::nothing) cancel();
}

void RequestHandler::close_if_idle() {
    if (is_idle() && writer_) writer_.close();
}

void RequestHandler::cancel() {
    if (task_) task_.cancel();
}

void RequestHandler::begin_wait(DeadlineQueue& queue, Waits what) {
    waits_ = what;
    queue.set(*this);
}

void RequestHandler::end_wait() noexcept {
    waits_ = Waits::nothing;
    unlink();
}

void RequestHandler::expire() noexcept {
    if (waits_ == Waits::request) return close_if_idle();
    timed_out_ = true;
    switch (waits_) {
        case Waits::end:
            return writer_.transport().abort();
        case Waits::head:
        case Waits::body:
            return reader().set_exception(TimeoutError("the client was too slow"));
        case Waits::request:
        case Waits::nothing:
            return;
    }
}

Coro<> RequestHandler::serve(std::shared_ptr<RequestHandler> self) {
    const Ending ending(*self);
    try {
        bool goes_on = true;
        while (goes_on) {
            if (self->reader().buffered().empty()) {
                if (self->server_->closing) co_return;
                self->begin_wait(self->server_->idle, Waits::request);
                const WaitScope scope(*self);
                const BytesView data = co_await self->reader().fill(1);
                if (data.empty()) co_return;
            }
            goes_on = co_await self->serve_ready();
        }
    } catch (const OSError&) {
        // The connection is broken, or TLS is. A handler was told by what it awaited; its own errors do not
        // come here.
    }
}

/// The requests that are there, or have begun. False if the connection is at its end.
Coro<bool> RequestHandler::serve_ready() {
    ExchangeLoan exchange(*this);
    for (;;) {
        std::exception_ptr error;
        bool there = false;
        try {
            there = exchange->receive_head();
        } catch (...) {
            error = std::current_exception();
        }
        if (!there) {
            there = co_await receive_late(*exchange, std::exchange(error, nullptr));
            if (!there) co_return false;
        }
        ++server_->requests;
        const TimePoint begin = server_->access_log ? server_->loop.time() : TimePoint();
        std::optional<Response> response;
        try {
            response = co_await server_->handler(exchange->request());
        } catch (const HTTPException& e) {
            response = e.response();
        } catch (const CancelledError&) {
            throw;
        } catch (...) {
            error = std::current_exception();
        }
        const bool sent = !error && send_now(*exchange, *response, error);
        bool goes_on = false;
        const bool done = sent && exchange->body_is_read() && !exchange->upgraded();
        if (done && !lost() && writable_now(SourceLocation::current())) {
            if (server_->access_log) log(*exchange, *response, begin);
            goes_on = exchange->keeps_alive();
        } else {
            goes_on = co_await finish(*exchange, response, error, sent, begin);
        }
        if (!goes_on || reader().buffered().empty()) co_return goes_on;
        exchange.renew();
    }
}

/// A head that has not come at once, or is none: then the connection is at its end.
Coro<bool> RequestHandler::receive_late(Http1Exchange& exchange, std::exception_ptr error) {
    bool there = false;
    try {
        if (!error) there = co_await receive_head(exchange);
    } catch (const CancelledError&) {
        throw;
    } catch (const OSError&) {
        if (!timed_out_) throw;  // the connection is broken
        error = std::current_exception();
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return there;
    if (lost()) co_return false;
    exchange.force_close();
    const Response page = answer_to(error, exchange);
    send_plain(page.state("send"), exchange);
    co_await discard();
    co_return false;
}

/// False if nothing comes any more.
Coro<bool> RequestHandler::receive_head(Http1Exchange& exchange) {
    begin_wait(server_->heads, Waits::head);
    const WaitScope scope(*this);
    bool there = false;
    while (!there) {
        const std::size_t wanted = exchange.wanted();
        const BytesView data = co_await reader().fill(wanted);
        if (data.size() < wanted && !exchange.feed_eof()) co_return false;
        there = exchange.receive_head();
    }
    co_return true;
}

/// Whether the whole answer has gone to the transport.
bool RequestHandler::send_now(Http1Exchange& exchange, const Response& response, std::exception_ptr& error) {
    if (!response) return false;
    try {
        return response.state("send").send_now(exchange.request());
    } catch (...) {
        error = std::current_exception();
        return false;
    }
}

/// What is left to do of a request where something has to be waited for, or an error is answered.
Coro<bool> RequestHandler::finish(Http1Exchange& exchange, std::optional<Response>& response,
                                  std::exception_ptr error, bool sent, TimePoint begin) {
    if (!error && !*response) {
        error = std::make_exception_ptr(RuntimeError("the handler gave a response that is empty"));
    }
    if (!error && !sent) {
        try {
            co_await response->state("send").send(exchange.request());
        } catch (const CancelledError&) {
            throw;
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (error && !answer_error(error, exchange, response)) co_return false;
    co_await writer_.drain();
    if (server_->access_log) log(exchange, *response, begin);
    if (exchange.upgraded()) {
        co_await discard();
        co_return false;
    }
    if (!exchange.body_is_read()) co_return co_await linger(exchange);
    co_return exchange.keeps_alive();
}

void RequestHandler::log(Http1Exchange& exchange, const Response& response, TimePoint begin) {
    server_->access_log->log(exchange.request(), response, server_->loop.time() - begin);
}

/// False if nothing can be answered any more.
bool RequestHandler::answer_error(const std::exception_ptr& error, Http1Exchange& exchange,
                                  std::optional<Response>& response) {
    if (aio::detail::is_exit_exception(error)) std::rethrow_exception(error);
    if (lost() || writer_.is_closing()) return false;  // the client is gone
    if (exchange.broken()) {
        writer_.transport().abort();
        return false;
    }
    if (exchange.answered()) {
        report(error, exchange);
        writer_.transport().abort();  // what was sent must not look complete
        return false;
    }
    response = answer_to(error, exchange);
    send_plain(response->state("send"), exchange);
    return true;
}

Response RequestHandler::answer_to(const std::exception_ptr& error, Http1Exchange& exchange) {
    if (timed_out_) return Response(HTTPRequestTimeout().response()).force_close();
    try {
        std::rethrow_exception(error);
    } catch (const HTTPException& e) {
        return e.response();
    } catch (const http::HttpProcessingError& e) {
        Response page(e.code());
        return page.text(std::to_string(e.code()) + ": " + e.what()).force_close();
    } catch (...) {
        report(error, exchange);
        return page_of(error, exchange);
    }
}

Response RequestHandler::page_of(const std::exception_ptr& error, Http1Exchange& exchange) const {
    std::string text = "500 Internal Server Error\n\nServer got itself in trouble";
    if (server_->options.get_debug()) text += "\n\n" + format_exception(error);
    Response page(500);
    page.force_close();
    static constexpr std::array<std::string_view, 2> kinds{"text/plain", "text/html"};
    const auto accept = exchange.request().header("Accept");
    if (!accept || http::best_media_type(*accept, kinds) != "text/html") return page.text(std::move(text));
    std::string html = "<html><head><title>500 Internal Server Error</title></head><body>\n<pre>";
    for (const char c : text) {
        switch (c) {
            case '<':
                html += "&lt;";
                break;
            case '&':
                html += "&amp;";
                break;
            default:
                html += c;
        }
    }
    html += "</pre>\n</body></html>\n";
    return page.text(std::move(html)).content_type("text/html");
}

void RequestHandler::report(const std::exception_ptr& error, Http1Exchange& exchange) const {
    server_->loop.report(error, [&] {
        ExceptionContext context("Error handling request " + exchange.request().repr());
        context.exception(error);
        return context;
    });
}

/// A body that the handler has not read would be taken for the next request.
Coro<bool> RequestHandler::linger(Http1Exchange& exchange) {
    begin_wait(server_->lingering, Waits::end);
    const WaitScope scope(*this);
    exchange.begin_lingering();
    http::StreamReader& content = exchange.content();
    std::uint64_t dropped = 0;
    try {
        while (exchange.keeps_alive() && dropped < Http1Exchange::kDrained) {
            const auto chunk = co_await content.next_chunk();
            if (!chunk) co_return true;
            dropped += chunk->size();
        }
    } catch (const http::HttpProcessingError&) {
        // What follows is unknown.
    }
    co_await discard();
    co_return false;
}

/// Has the client read the answer: a connection that is closed while bytes arrive is reset, and takes with it
/// what the client has not read.
Coro<> RequestHandler::discard() {
    if (writer_.can_write_eof()) writer_.write_eof();
    begin_wait(server_->lingering, Waits::end);
    const WaitScope scope(*this);
    for (;;) {
        const BytesView data = co_await reader().read_view();
        if (data.empty()) co_return;
    }
}

}  // namespace aio::web::detail
