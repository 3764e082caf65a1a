// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/client_request.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/http1/writer_impl.hpp>

#include <cstdint>
#include <string>

namespace aio::http::detail {

/// How a request's body goes.
struct BodyPlan {
    Framing framing = Framing::none;
    std::uint64_t length = 0;
    /// It is sent together with the head: it is in memory as it is, or there is none.
    bool at_once = true;
};

/// Decides it, and says so in the fields. Throws ValueError if they contradict the body.
BodyPlan plan_body(const ClientRequest& request, Headers& headers);

/// Appends the head, through its empty line. `whole_url`: for a proxy.
void append_head(std::string& out, const ClientRequest& request, const Headers& headers, bool whole_url);

}  // namespace aio::http::detail
