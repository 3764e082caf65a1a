// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/methods.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>
#include <aio/web/exceptions.hpp>
#include <aio/web/response_impl.hpp>
#include <aio/web/websocket_response.hpp>
#include <aio/websocket/handshake_impl.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <algorithm>
#include <memory>

namespace aio::web {
namespace detail {
namespace {

namespace hdrs = http::hdrs;
using http::detail::DeflateParams;

constexpr std::string_view kVersion = "13";

http::detail::WebSocketBehaviour behaviour_of(const WebSocketOptions& options) {
    http::detail::WebSocketBehaviour behaviour;
    behaviour.close_timeout = options.get_timeout();
    behaviour.receive_timeout = options.get_receive_timeout();
    behaviour.heartbeat = options.get_heartbeat();
    behaviour.autoclose = options.get_autoclose();
    behaviour.autoping = options.get_autoping();
    return behaviour;
}

/// The values of all fields of that name, as if they were one.
std::string joined(const Request& request, std::string_view name) {
    std::string all;
    for (const http::Field& field : request.head().fields) {
        if (!http::equal_ignoring_case(field.name, name)) continue;
        if (!all.empty()) all += ", ";
        all += field.value;
    }
    return all;
}

/// What is wrong with a handshake; null if nothing (RFC 6455, 4.2.1).
const char* fault_of(const Request& request) {
    const http::RequestHead& head = request.head();
    if (head.method != hdrs::METH_GET || head.version < http::kHttpVersion11)
        return "a WebSocket is asked for by GET of HTTP/1.1";
    if (head.chunked || head.content_length.value_or(0) > 0) return "a WebSocket is asked for without a body";
    if (!http::equal_ignoring_case(head.get("Upgrade").value_or(""), "websocket"))
        return "No WebSocket UPGRADE hdr: Can \"Upgrade\" only to \"WebSocket\".";
    if (!head.upgrade) return "No CONNECTION upgrade hdr";
    if (!http::detail::is_websocket_key(joined(request, "Sec-WebSocket-Key")))
        return "Handshake error: no Sec-WebSocket-Key";
    return nullptr;
}

/// Whether the page that the request comes from, if it comes from one, may have this connection.
bool is_welcome(const Request& request, const WebSocketOptions& options) {
    const auto origin = request.head().get("Origin");
    if (!origin) return true;
    const std::size_t scheme = origin->find("://");
    const std::string_view host = scheme == origin->npos ? std::string_view() : origin->substr(scheme + 3);
    if (!host.empty() && http::equal_ignoring_case(host, request.head().host)) return true;
    return std::ranges::any_of(options.get_origins(), [&](const std::string& allowed) {
        return allowed == "*" || http::equal_ignoring_case(allowed, *origin);
    });
}

}  // namespace

/// What its handles share, beside the socket itself.
class UpgradeState final : public ResponseState {
public:
    explicit UpgradeState(WebSocketOptions options)
        : socket(std::make_shared<http::detail::WebSocketState>(behaviour_of(options))),
          options_(std::make_unique<const WebSocketOptions>(std::move(options))) {
        status = 101;
        streams = true;
    }
    const std::shared_ptr<http::detail::WebSocketState> socket;

    bool send_now(Request&) override { return prepared; }
    Coro<> send(Request& request) override { co_await prepare(request); }

    Coro<> prepare(Request& request) {
        if (prepared) co_return;
        check(request);
        Exchange& exchange = request.exchange();
        if (exchange.server().on_prepare) {
            co_await exchange.server().on_prepare(request, Response(*this));
        }
        const http::RequestHead& head = request.head();
        headers.set(hdrs::UPGRADE, "websocket");
        headers.set(hdrs::CONNECTION, "upgrade");
        headers.set(hdrs::SEC_WEBSOCKET_ACCEPT,
                    http::detail::websocket_accept(head.get("Sec-WebSocket-Key").value_or("")));
        http::detail::WebSocketConnection connection;
        if (const auto protocol = protocol_for(request)) {
            headers.set(hdrs::SEC_WEBSOCKET_PROTOCOL, *protocol);
            connection.protocol = *protocol;
        }
        if (options_->get_compress()) {
            connection.deflate = http::detail::accept_deflate(joined(request, "Sec-WebSocket-Extensions"),
                                                              DeflateParams::kMostBits);
        }
        if (connection.deflate)
            headers.set(hdrs::SEC_WEBSOCKET_EXTENSIONS, http::detail::deflate_answer(*connection.deflate));
        exchange.begin(*this, BodyPlan{0, {}, std::nullopt});
        exchange.end();
        connection.reader = exchange.upgrade();
        connection.writer = exchange.stream();
        socket->open(std::move(connection), {options_->get_max_msg_size(), options_->get_writer_limit()});
        options_.reset();
    }
    std::optional<std::string_view> protocol_for(const Request& request) const {
        return http::detail::choose_protocol(joined(request, "Sec-WebSocket-Protocol"),
                                             options_->get_protocols());
    }
    bool is_possible(const Request& request) const {
        return !fault_of(request) && request.head().get("Sec-WebSocket-Version") == kVersion &&
               is_welcome(request, *options_);
    }

private:
    void check(const Request& request) const {
        if (const char* const fault = fault_of(request)) throw HTTPBadRequest().text(fault);
        if (request.head().get("Sec-WebSocket-Version") != kVersion)
            throw HTTPUpgradeRequired().header(hdrs::SEC_WEBSOCKET_VERSION, kVersion);
        if (!is_welcome(request, *options_)) throw HTTPForbidden();
    }

    std::unique_ptr<const WebSocketOptions> options_;  ///< until it is prepared
};

namespace {

UpgradeState& upgrade_of(const Response& response, const char* call) {
    return static_cast<UpgradeState&>(response.state(call));
}

}  // namespace
}  // namespace detail

WebSocketOptions& WebSocketOptions::heartbeat(TimeLimit interval) & {
    heartbeat_ = http::detail::checked_heartbeat(interval);
    return *this;
}

WebSocketOptions& WebSocketOptions::protocol(std::string name) & {
    protocols_.push_back(http::detail::checked_protocol(std::move(name)));
    return *this;
}

WebSocketResponse::WebSocketResponse(WebSocketOptions options)
    : Response(new detail::UpgradeState(std::move(options))),
      http::WebSocket(detail::upgrade_of(*this, "WebSocketResponse").socket) {}

WebSocketReady WebSocketResponse::can_prepare(const Request& request) const {
    const detail::UpgradeState& state = detail::upgrade_of(*this, "WebSocketResponse.can_prepare");
    if (state.prepared) throw RuntimeError("Already started");
    if (!state.is_possible(request)) return {};
    const auto protocol = state.protocol_for(request);
    return {true, protocol ? std::optional<std::string>(*protocol) : std::nullopt};
}

Coro<> WebSocketResponse::prepare(Request& request) {
    co_await detail::upgrade_of(*this, "WebSocketResponse.prepare").prepare(request);
}

namespace {

Coro<WebSocketResponse> prepared(WebSocketResponse socket, Request& request) {
    co_await socket.prepare(request);
    co_return socket;
}

}  // namespace

Coro<WebSocketResponse> accept_websocket(Request& request) { return prepared(WebSocketResponse(), request); }
Coro<WebSocketResponse> accept_websocket(Request& request, const WebSocketOptions& options) {
    return prepared(WebSocketResponse(options), request);
}

}  // namespace aio::web
