// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/client_middleware.hpp>
#include <aio/task/coro.hpp>

#include <string>

namespace aio::http {

/// Says who one is to a server that asks by Digest authentication (RFC 7616), and sends the request once
/// more. Mirrors aiohttp.DigestAuthMiddleware.
///
///     SessionOptions().middleware(DigestAuthMiddleware("Mufasa", "Circle of Life"))
///
/// The surprising rule: the first origin that asks is the only one that gets answers, whatever redirects lead
/// to. A body that can be sent once only is a ClientPayloadError where the server asks; the next request
/// brings the answer at once, unless the server wants the body to be part of it (auth-int). Such a body is
/// read twice, into memory first; one that is to be compressed is a ValueError.
///
/// A cheap handle: copies share what they have been asked. Threads: the loop's.
class DigestAuthMiddleware {
public:
    /// `preemptive`: after the first challenge, requests for what it covers bring the answer at once. Throws
    /// ValueError for a login with a colon.
    DigestAuthMiddleware(std::string login, std::string password, bool preemptive = true);
    /// What a session calls. Throws what the request throws. Cancellation: as of the request.
    Coro<ClientResponse> operator()(ClientRequest& request, ClientHandler next) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace aio::http
