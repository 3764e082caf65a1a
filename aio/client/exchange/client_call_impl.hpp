// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/time.hpp>
#include <aio/client/client_middleware.hpp>
#include <aio/client/client_request.hpp>
#include <aio/client/client_timeout.hpp>
#include <aio/client/errors.hpp>
#include <aio/client/exchange/session_state_impl.hpp>
#include <aio/client/exchange/tracers_impl.hpp>
#include <aio/client/request_builder.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/multi_dict.hpp>

#include <any>
#include <optional>
#include <string>
#include <vector>

namespace aio::http::detail {

/// One call of a session, with all its redirects and repetitions: what the builder has collected, and how far
/// it has got.
struct ClientCall final : pool::Pooled {
    ClientCall(std::shared_ptr<SessionState> state, std::string_view method, URL url)
        : session(std::move(state)),
          request(method, std::move(url)),
          parser_options(session->options.parser_options()) {}

    std::shared_ptr<SessionState> session;
    ClientRequest request;

    // what was asked for; nothing where the session's counts
    Headers headers;
    MultiDict params;
    std::vector<Cookie> cookies;
    std::vector<std::string> skip_auto_headers;
    std::string authorization;
    std::optional<Fingerprint> fingerprint;
    std::optional<ClientTimeout> timeout;
    std::optional<std::vector<ClientMiddleware>> middlewares;
    RequestBuilder::StatusCheck status_check;
    std::optional<bool> raise_for_status;
    std::optional<bool> auto_decompress;
    std::optional<DecompressorOptions> decompress_limits;
    std::optional<std::size_t> read_bufsize;
    ParserOptions parser_options;
    std::any trace_request_ctx;
    int max_redirects = 10;
    bool allow_redirects = true;
    bool read_until_eof = true;

    // how far it has got
    std::shared_ptr<Tracers> tracers;  ///< null if nobody traces
    std::optional<TimePoint> deadline;
    std::vector<RedirectInfo> history;
    std::unique_ptr<RequestInfo> first_request;  ///< of the first redirect
    std::string fragment;                        ///< of the URL, which is not sent
    bool env_proxy = false;                      ///< the environment says which proxy a URL has
    bool left_origin = false;                    ///< a redirect went to another origin
    bool stale = false;  ///< the connection was an old one, and died before it brought a byte

    const ClientTimeout& limits() const noexcept { return timeout ? *timeout : session->options.timeout(); }
    const std::vector<ClientMiddleware>& chain() const noexcept {
        return middlewares ? *middlewares : session->options.middlewares();
    }
};

/// Performs a call to the head of its last response.
Coro<ClientResponse> perform(std::unique_ptr<ClientCall> call);

/// Merges what the session and the call say into the call, once: URL, fields, credentials. Throws InvalidURL
/// and its kinds, ValueError for what contradicts itself.
void begin_call(ClientCall& call);
/// The proxy and the fields of the next request, but for those that frame its body.
void prepare_headers(ClientCall& call);
/// Sends the request on a connection, and receives the head of its response.
Coro<ClientResponse> exchange(ClientCall& call, ClientRequest& request);
/// Whether the response asks for another request, which the call wants to be made.
bool is_redirect(const ClientCall& call, const ClientResponse& response);
/// Changes the call to that request. Throws TooManyRedirects, kinds of RedirectClientError, and
/// ClientPayloadError for a body that cannot be sent again.
void follow_redirect(ClientCall& call, const ClientResponse& response);
/// What stands in the URL before "@" goes into Authorization, and nowhere else. Throws ValueError if
/// something is there already.
void take_credentials(ClientCall& call, URL& url);

}  // namespace aio::http::detail
