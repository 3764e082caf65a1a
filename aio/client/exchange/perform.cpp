// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/client_call_impl.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/http/methods.hpp>

namespace aio::http {

Coro<ClientResponse> ClientHandler::operator()(ClientRequest& request) const {
    const std::vector<ClientMiddleware>& chain = call_->chain();
    if (index_ == chain.size()) return detail::exchange(*call_, request);
    return chain[index_](request, ClientHandler(*call_, index_ + 1));
}

namespace detail {
namespace {

// A connection of the pool may have been closed by the server while the request was on its way. Nothing was
// answered then, so what may be done twice is done once more (F92).
bool may_repeat(const ClientCall& call) noexcept {
    return call.stale && is_idempotent(call.request.method()) && call.request.body().repeatable();
}

Coro<ClientResponse> send_once_or_twice(ClientCall& call) {
    prepare_headers(call);
    const ClientHandler first(call, 0);
    try {
        co_return co_await first(call.request);
    } catch (const ServerDisconnectedError&) {
        if (!may_repeat(call)) throw;
    } catch (const ClientOSError&) {
        if (!may_repeat(call)) throw;
    }
    prepare_headers(call);
    co_return co_await first(call.request);
}

Coro<> check_status(const ClientCall& call, ClientResponse& response) {
    const SessionOptions& options = call.session->options;
    if (call.status_check) {
        co_await call.status_check(response);
    } else if (call.raise_for_status.value_or(options.raise_for_status())) {
        response.raise_for_status();
    } else if (!call.raise_for_status && options.status_check()) {
        co_await options.status_check()(response);
    }
}

Coro<> tell_redirect(ClientCall& call, ClientResponse& response) {
    const TraceRequestRedirectParams redirect{response.method(), response.url(), call.headers, response};
    co_await call.tracers->send(&TraceConfig::on_request_redirect, redirect);
}

// What sends the old body has ended, clean-up included, before the next request begins or the error is seen.
Coro<> leave_for_redirect(ClientCall& call, ClientResponse& response) {
    std::exception_ptr error;
    try {
        follow_redirect(call, response);
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    co_await response.state("a redirect").body.leave();
    if (error) std::rethrow_exception(error);
}

Coro<ClientResponse> follow(ClientCall& call) {
    for (;;) {
        ClientResponse response = co_await send_once_or_twice(call);
        if (is_redirect(call, response)) {
            if (call.tracers) co_await tell_redirect(call, response);
            co_await leave_for_redirect(call, response);
        } else {
            co_await check_status(call, response);
            co_return response;
        }
    }
}

Coro<ClientResponse> follow_in_time(ClientCall& call) {
    if (!call.deadline) co_return co_await follow(call);
    co_return co_await async_with(timeout_at(call.deadline), follow, std::ref(call));
}

Coro<ClientResponse> perform_traced(ClientCall& call) {
    Tracers& tracers = *call.tracers;
    const TraceRequestStartParams start{call.request.method(), call.request.url(), call.headers};
    co_await tracers.send(&TraceConfig::on_request_start, start);
    std::exception_ptr error;
    try {
        ClientResponse response = co_await follow_in_time(call);
        const TraceRequestEndParams end{response.method(), response.url(), call.headers, response};
        co_await tracers.send(&TraceConfig::on_request_end, end);
        co_return response;
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    const TraceRequestExceptionParams failed{call.request.method(), call.request.url(), call.headers, error};
    co_await tracers.send(&TraceConfig::on_request_exception, failed);
    std::rethrow_exception(error);
}

}  // namespace

Coro<ClientResponse> perform(std::unique_ptr<ClientCall> call) {
    begin_call(*call);
    if (call->tracers) co_return co_await perform_traced(*call);
    co_return co_await follow_in_time(*call);
}

}  // namespace detail
}  // namespace aio::http
