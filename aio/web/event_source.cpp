// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/task/sleep.hpp>
#include <aio/web/event_source.hpp>
#include <aio/web/request.hpp>

#include <algorithm>
#include <string>

namespace aio::web {
namespace {

/// A field of an event, whose value is one line.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (value.find_first_of("\r\n") != value.npos) {
        throw ValueError("the " + std::string(name) + " of an event cannot have a line break");
    }
    out.append(name).append(": ").append(value).append("\n");
}

/// Each line is a field: "\r\n", "\r" and "\n" end one, as they do for the client.
void append_data(std::string& out, std::string_view data) {
    for (;;) {
        const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
        out.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == data.size()) return;
        data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
    }
}

}  // namespace

EventSourceResponse::EventSourceResponse() {
    header(http::hdrs::CONTENT_TYPE, "text/event-stream");
    header(http::hdrs::CACHE_CONTROL, "no-cache");
    header("X-Accel-Buffering", "no");  // nginx would collect events
}

Coro<> EventSourceResponse::send(std::string_view data, const EventOptions& options) {
    std::string text;
    if (options.get_id()) {
        if (options.get_id()->find('\0') != std::string::npos) {
            throw ValueError("the id of an event cannot have a NUL");
        }
        append_field(text, "id", *options.get_id());
    }
    if (!options.get_event().empty()) append_field(text, "event", options.get_event());
    if (options.get_retry()) append_field(text, "retry", std::to_string(options.get_retry()->count()));
    append_data(text, data);
    text += "\n";
    co_await send_text(std::move(text));
}

Coro<> EventSourceResponse::ping() { return send_text(": ping\n\n"); }

Coro<> EventSourceResponse::send_text(std::string text) {
    co_await write(text);
    if (compression()) co_await drain();  // an event that waits for the next one is none
}

Coro<> EventSourceResponse::ping_forever(std::chrono::nanoseconds interval) {
    for (;;) {
        co_await sleep(interval);
        co_await ping();
    }
}

std::string EventSourceResponse::last_event_id(const Request& request) {
    return std::string(request.header("Last-Event-ID").value_or(""));
}

}  // namespace aio::web
