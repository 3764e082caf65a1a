// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/time.hpp>
#include <aio/task/task.hpp>
#include <aio/web/response.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::web {

/// Keyword arguments of EventSourceResponse::send().
class EventOptions {
public:
    EventOptions() {}
    /// What kind of event it is; "message" to the client if none is given.
    EventOptions& event(std::string_view name) & {
        event_.assign(name);
        return *this;
    }
    EventOptions&& event(std::string_view name) && AIO_LIFETIME_BOUND { return std::move(this->event(name)); }
    /// What a client that connects again says it has seen: Last-Event-ID.
    EventOptions& id(std::string_view id) & {
        id_.emplace(id);
        return *this;
    }
    EventOptions&& id(std::string_view id) && AIO_LIFETIME_BOUND { return std::move(this->id(id)); }
    /// How long a client waits before it connects again.
    EventOptions& retry(std::chrono::milliseconds delay) & {
        retry_ = delay;
        return *this;
    }
    EventOptions&& retry(std::chrono::milliseconds delay) && AIO_LIFETIME_BOUND {
        return std::move(this->retry(delay));
    }

    const std::string& get_event() const noexcept { return event_; }
    const std::optional<std::string>& get_id() const noexcept { return id_; }
    std::optional<std::chrono::milliseconds> get_retry() const noexcept { return retry_; }

private:
    std::string event_;
    std::optional<std::string> id_;
    std::optional<std::chrono::milliseconds> retry_;
};

/// Server-Sent Events: a response that goes on, of which a browser makes events.
///
///     web::EventSourceResponse events;
///     co_await events.prepare(request);
///     for (;;) {
///         co_await events.send(next_price());
///         co_await aio::sleep(1s);
///     }
///
/// Ends when the handler returns, or by the error of send() when the client has gone. Mirrors aiohttp_sse.
class EventSourceResponse : public StreamResponse {
public:
    EventSourceResponse();

    /// One event; `data` may have several lines. Waits as StreamResponse::write(). Throws ValueError for an
    /// event or id with a line break.
    Coro<> send(std::string_view data, const EventOptions& options = EventOptions());
    /// A comment, which clients ignore.
    Coro<> ping();
    /// The same every interval, so that proxies keep a connection without events, and a client that has gone
    /// is noticed. Never ends: to be a task beside the handler's work, and to be cancelled before it returns.
    Coro<> ping_forever(std::chrono::nanoseconds interval);
    /// What the client has seen last, before it lost the connection; empty if it says nothing.
    static std::string last_event_id(const Request& request);

private:
    Coro<> send_text(std::string text);
};

}  // namespace aio::web
