// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/client/auth/basic_auth.hpp>
#include <aio/client/client_session.hpp>
#include <aio/client/connect/tcp_connector.hpp>
#include <aio/client/cookies/cookie_jar.hpp>
#include <aio/client/exchange/session_state_impl.hpp>
#include <aio/loop/event_loop.hpp>

namespace aio::http {

// --- options --------------------------------------------------------------------------------------

SessionOptions& SessionOptions::base_url(URL url) & {
    if (!url.is_absolute() || (url.scheme() != "http" && url.scheme() != "https"))
        throw ValueError("base_url has to be an absolute URL of http or https: " + url.str());
    base_url_ = std::move(url);
    return *this;
}

SessionOptions& SessionOptions::basic_auth(std::string_view login, std::string_view password) & {
    authorization_ = encode_basic_auth(login, password);
    return *this;
}

// --- state ----------------------------------------------------------------------------------------

detail::SessionState::SessionState(SessionOptions given)
    : options(std::move(given)), cookie_jar(options.cookie_jar()), connector(options.connector()) {
    if (!connector) connector = std::make_shared<TCPConnector>();
    if (!cookie_jar) cookie_jar = std::make_shared<CookieJar>();
    if (options.trust_env()) netrc = Netrc::from_env();
    automatic = automatic_headers(options);
}

detail::SessionState::~SessionState() {
    if (!connector || connector->closed() || own_request || !options.connector_owner()) return;
    const EventLoop* const loop = get_running_loop_or_null();
    if (loop && loop->get_debug()) {
        aio::detail::log_text(LogLevel::warning, [] { return "ResourceWarning: unclosed ClientSession"; });
    }
}

// --- sessions -------------------------------------------------------------------------------------

RequestURL::RequestURL(std::string_view text) {
    try {
        url_ = URL(text);
    } catch (const ValueError& error) {
        throw InvalidUrlClientError(std::string(text), error.what());
    }
}

ClientSession::ClientSession(SessionOptions options)
    : state_(std::make_shared<detail::SessionState>(std::move(options))) {}

detail::SessionState& ClientSession::state(const char* call) const {
    if (!state_) aio::detail::raise_empty_handle(call);
    return *state_;
}

RequestBuilder ClientSession::request(std::string_view method, RequestURL url) const {
    state("ClientSession.request()");
    return RequestBuilder(state_, method, std::move(url).take());
}

Coro<> ClientSession::close() {
    state("ClientSession.close()");
    const std::shared_ptr<detail::SessionState> state = state_;
    const std::shared_ptr<BaseConnector> connector = std::exchange(state->connector, nullptr);
    if (connector && state->options.connector_owner()) co_await connector->close();
}

bool ClientSession::closed() const {
    const auto& connector = state("ClientSession.closed()").connector;
    return !connector || connector->closed();
}

void ClientSession::detach() { state("ClientSession.detach()").connector = nullptr; }

const std::shared_ptr<BaseConnector>& ClientSession::connector() const {
    return state("ClientSession.connector()").connector;
}
const std::shared_ptr<AbstractCookieJar>& ClientSession::cookie_jar() const {
    return state("ClientSession.cookie_jar()").cookie_jar;
}
const SessionOptions& ClientSession::settings() const { return state("ClientSession.settings()").options; }

Coro<ClientSession&> ClientSession::aenter() { co_return *this; }

RequestBuilder request(std::string_view method, RequestURL url, SessionOptions options) {
    auto state = std::make_shared<detail::SessionState>(std::move(options));
    state->own_request = true;
    return RequestBuilder(std::move(state), method, std::move(url).take());
}

}  // namespace aio::http
