// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/client_session.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/client/websocket/client_websocket.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <algorithm>
#include <optional>

namespace aio::http {
namespace {

using detail::DeflateParams;

/// What was asked for, to compare the answer with.
struct Offer {
    std::string key = detail::make_websocket_key();
    std::vector<std::string> protocols;
    int window_bits = 0;
    detail::WebSocketBehaviour behaviour;
    detail::WebSocketLimits limits;
};

struct Lent {
    Lent(std::shared_ptr<detail::SessionState> owner, Connection its) noexcept
        : session(std::move(owner)), connection(std::move(its)) {}
    const std::shared_ptr<detail::SessionState> session;  // outlives the connection
    Connection connection;
};

[[noreturn]] void refuse(const ClientResponse& response, const std::string& why) {
    throw WSServerHandshakeError(response.request_info(), response.history(), response.status(), why,
                                 response.headers());
}

void check_answer(const ClientResponse& response, const Offer& offer) {
    const Headers& headers = response.headers();
    if (response.status() != 101) refuse(response, "Invalid response status");
    if (!equal_ignoring_case(headers.get(hdrs::UPGRADE, ""), "websocket"))
        refuse(response, "Invalid upgrade header");
    if (!headers.contains_token(hdrs::CONNECTION, "upgrade")) refuse(response, "Invalid connection header");
    if (headers.get(hdrs::SEC_WEBSOCKET_ACCEPT, "") != detail::websocket_accept(offer.key))
        refuse(response, "Invalid challenge response");
}

std::string protocol_of(const ClientResponse& response, const Offer& offer) {
    const auto chosen = response.headers().get(hdrs::SEC_WEBSOCKET_PROTOCOL);
    if (!chosen) return {};
    if (std::ranges::find(offer.protocols, *chosen) == offer.protocols.end())
        refuse(response, "a subprotocol that was not offered");
    return std::string(*chosen);
}

std::optional<DeflateParams> deflate_of(const ClientResponse& response, const Offer& offer) {
    std::string extensions;
    for (const std::string_view value : response.headers().getall(hdrs::SEC_WEBSOCKET_EXTENSIONS)) {
        if (!extensions.empty()) extensions += ", ";
        extensions += value;
    }
    if (extensions.empty()) return std::nullopt;
    if (offer.window_bits == 0) refuse(response, "extensions that were not offered");
    try {
        return detail::read_deflate_answer(extensions, offer.window_bits);
    } catch (const ValueError& e) {
        refuse(response, e.what());
    }
}

Coro<ClientWebSocketResponse> connect(RequestBuilder request, Offer offer) {
    ClientResponse response = co_await std::move(request).send();
    check_answer(response, offer);
    detail::WebSocketConnection connection;
    connection.client = true;
    connection.protocol = protocol_of(response, offer);
    connection.deflate = deflate_of(response, offer);
    detail::ResponseState& state = response.state("ws_connect()");
    const auto lent = std::make_shared<Lent>(state.session, state.body.take_connection());
    connection.reader = lent->connection.reader();
    connection.writer = lent->connection.writer();
    connection.keeps = lent;
    auto socket = std::make_shared<detail::WebSocketState>(offer.behaviour);
    socket->open(std::move(connection), offer.limits);
    co_return ClientWebSocketResponse(std::move(socket));
}

}  // namespace

WebSocketBuilder& WebSocketBuilder::protocol(std::string name) & {
    protocols_.push_back(detail::checked_protocol(std::move(name)));
    return *this;
}

WebSocketBuilder& WebSocketBuilder::heartbeat(TimeLimit interval) & {
    heartbeat_ = detail::checked_heartbeat(interval);
    return *this;
}

WebSocketBuilder& WebSocketBuilder::compress(int window_bits) & {
    if (!DeflateParams::is_window(window_bits))
        throw ValueError("a window has 9 to 15 bits, not " + std::to_string(window_bits));
    window_bits_ = window_bits;
    return *this;
}

Coro<ClientWebSocketResponse> WebSocketBuilder::send() && {
    Offer offer;
    offer.protocols = std::move(protocols_);
    offer.window_bits = window_bits_;
    offer.behaviour.close_timeout = close_timeout_;
    offer.behaviour.receive_timeout = receive_timeout_;
    offer.behaviour.heartbeat = heartbeat_;
    offer.limits.max_msg_size = max_msg_size_;
    offer.behaviour.autoclose = autoclose_;
    offer.behaviour.autoping = autoping_;
    request_.header(hdrs::UPGRADE, "websocket").header(hdrs::CONNECTION, "Upgrade");
    request_.header(hdrs::SEC_WEBSOCKET_VERSION, "13").header(hdrs::SEC_WEBSOCKET_KEY, offer.key);
    std::string protocols;
    for (const std::string& name : offer.protocols) protocols += (protocols.empty() ? "" : ", ") + name;
    if (!protocols.empty()) request_.header(hdrs::SEC_WEBSOCKET_PROTOCOL, protocols);
    if (window_bits_ > 0)
        request_.header(hdrs::SEC_WEBSOCKET_EXTENSIONS, detail::deflate_offer(window_bits_));
    return connect(std::move(request_), std::move(offer));
}

WebSocketBuilder ClientSession::ws_connect(RequestURL url) const {
    URL target = std::move(url).take();
    if (target.scheme() == "ws") target = target.with_scheme("http");
    if (target.scheme() == "wss") target = target.with_scheme("https");
    return WebSocketBuilder(request("GET", std::move(target)));
}

}  // namespace aio::http
