// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/auth/netrc.hpp>
#include <aio/client/connector.hpp>
#include <aio/client/cookies/abstract_cookie_jar.hpp>
#include <aio/client/session_options.hpp>

#include <optional>
#include <string>

namespace aio::http::detail {

/// What each request of a session has unless it has fields of these names, or skips them.
Headers automatic_headers(const SessionOptions& options);

/// What the handles of a session, its requests and their responses share.
struct SessionState {
    explicit SessionState(SessionOptions given);
    SessionState(const SessionState&) = delete;
    SessionState& operator=(const SessionState&) = delete;
    /// Reports one that was left open, in debug mode.
    ~SessionState();

    SessionOptions options;
    std::shared_ptr<AbstractCookieJar> cookie_jar;
    std::optional<Netrc> netrc;
    std::shared_ptr<BaseConnector> connector;  ///< null when it was closed or detached
    Headers automatic;                         ///< automatic_headers()
    std::string head;                          ///< where heads are built, one after the other
    bool own_request = false;                  ///< made by request() for one call: ends with its response
};

}  // namespace aio::http::detail
