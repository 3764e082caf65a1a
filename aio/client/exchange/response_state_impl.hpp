// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/client/client_response.hpp>
#include <aio/client/exchange/client_body_impl.hpp>
#include <aio/client/exchange/session_state_impl.hpp>
#include <aio/client/exchange/tracers_impl.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::http::detail {

/// What a ClientResponse refers to.
struct ResponseState final : pool::Pooled {
    ResponseState(std::shared_ptr<SessionState> owner, Connection connection, const ClientTimeout& limits,
                  std::optional<TimePoint> deadline)
        : session(std::move(owner)), body(std::move(connection), limits, deadline) {}

    std::shared_ptr<SessionState> session;  // outlives the connection
    std::shared_ptr<Tracers> tracers;
    std::string method;
    URL url;
    std::optional<URL> real_url;  ///< if it has a fragment
    Headers request_headers;
    std::string reason;
    Headers headers;
    HttpVersion version;
    int status = 0;
    bool interim = false;            ///< something has come before the response
    std::uint64_t sent_at_once = 0;  ///< bytes of the head, and of a body that went with it
    std::vector<RedirectInfo> history;
    std::optional<std::string> whole_body;
    ClientBody body;

    RequestInfo request_info() const { return {url, method, request_headers, real_url ? *real_url : url}; }
};

}  // namespace aio::http::detail
