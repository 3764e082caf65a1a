// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>

#include <any>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Hooks into what a session does: who times requests, counts connections or writes logs looks here. Mirrors
/// aiohttp.TraceConfig.
namespace aio::http {

class ClientResponse;
class TraceConfig;

/// What the hooks of one TraceConfig share during one request. Mirrors trace_config_ctx.
class TraceContext {
public:
    TraceContext(std::any state, std::any request_ctx)
        : state_(std::move(state)), request_ctx_(std::move(request_ctx)) {}
    /// What the factory has made for this request; whatever the hooks want to keep.
    std::any& state() noexcept AIO_LIFETIME_BOUND { return state_; }
    /// What the request was given by trace_request_ctx(); may be empty.
    const std::any& trace_request_ctx() const noexcept AIO_LIFETIME_BOUND { return request_ctx_; }

private:
    std::any state_;
    std::any request_ctx_;
};

struct TraceRequestStartParams {
    const std::string& method;
    const URL& url;
    const Headers& headers;
};
struct TraceRequestHeadersSentParams {
    const std::string& method;
    const URL& url;
    const Headers& headers;
};
struct TraceRequestChunkSentParams {
    const std::string& method;
    const URL& url;
    std::string_view chunk;
};
struct TraceResponseChunkReceivedParams {
    const std::string& method;
    const URL& url;
    std::string_view chunk;
};
struct TraceRequestEndParams {
    const std::string& method;
    const URL& url;
    const Headers& headers;
    ClientResponse& response;
};
struct TraceRequestExceptionParams {
    const std::string& method;
    const URL& url;
    const Headers& headers;
    const std::exception_ptr& exception;
};
struct TraceRequestRedirectParams {
    const std::string& method;
    const URL& url;
    const Headers& headers;
    ClientResponse& response;
};
struct TraceConnectionQueuedStartParams {};
struct TraceConnectionQueuedEndParams {};
struct TraceConnectionCreateStartParams {};
struct TraceConnectionCreateEndParams {};
struct TraceConnectionReuseconnParams {};
struct TraceDnsResolveHostStartParams {
    std::string_view host;
};
struct TraceDnsResolveHostEndParams {
    std::string_view host;
};
struct TraceDnsCacheHitParams {
    std::string_view host;
};
struct TraceDnsCacheMissParams {
    std::string_view host;
};

namespace detail {
Coro<> nothing_to_await();
}

/// The hooks for one kind of event, called one after the other. Mirrors the signals of aiohttp.TraceConfig.
/// Threads: those of the session.
template <class Params>
class TraceSignal {
    using Hook = aio::detail::SharedFunction<Coro<>(TraceContext&, const Params&)>;

public:
    /// Adds a hook: `fn(args..., context, params)`, a function or a coroutine, where `args` are kept. What it
    /// throws ends the request.
    template <class F, class... Args>
    void append(F&& fn, Args&&... args) {
        hooks_.push_back([fn = std::decay_t<F>(std::forward<F>(fn)),
                          ... args = std::decay_t<Args>(std::forward<Args>(args))](
                             TraceContext& context, const Params& params) mutable -> Coro<> {
            if constexpr (std::is_void_v<decltype(aio::detail::invoke(fn, args..., context, params))>) {
                aio::detail::invoke(fn, args..., context, params);
                return detail::nothing_to_await();
            } else {
                return aio::detail::invoke(fn, args..., context, params);
            }
        });
    }
    bool empty() const noexcept { return hooks_.empty(); }
    std::size_t size() const noexcept { return hooks_.size(); }
    /// Calls the hooks; for the library.
    Coro<> send(TraceContext& context, const Params& params) const {
        for (const Hook& hook : hooks_) co_await hook(context, params);
    }

private:
    std::vector<Hook> hooks_;
};

/// A set of hooks for SessionOptions::trace_config(). Mirrors aiohttp.TraceConfig.
///
///     TraceConfig trace;
///     trace.on_request_end.append([](TraceContext&, const TraceRequestEndParams& end) {
///         std::cout << end.url.str() << ' ' << end.response.status() << '\n';
///     });
class TraceConfig {
public:
    TraceConfig() {}

    /// fn(trace_request_ctx) gives what TraceContext::state() is at the beginning of each request.
    template <class F>
    TraceConfig& trace_config_ctx_factory(F&& fn) & {
        factory_ = std::forward<F>(fn);
        return *this;
    }
    template <class F>
    TraceConfig&& trace_config_ctx_factory(F&& fn) && AIO_LIFETIME_BOUND {
        return std::move(this->trace_config_ctx_factory(std::forward<F>(fn)));
    }
    /// For the library: what the hooks share during a request.
    TraceContext trace_config_ctx(const std::any& request_ctx) const;

    TraceSignal<TraceRequestStartParams> on_request_start;
    TraceSignal<TraceRequestHeadersSentParams> on_request_headers_sent;
    TraceSignal<TraceRequestChunkSentParams> on_request_chunk_sent;
    TraceSignal<TraceResponseChunkReceivedParams> on_response_chunk_received;
    /// The head of the last response is there.
    TraceSignal<TraceRequestEndParams> on_request_end;
    TraceSignal<TraceRequestExceptionParams> on_request_exception;
    TraceSignal<TraceRequestRedirectParams> on_request_redirect;
    TraceSignal<TraceConnectionQueuedStartParams> on_connection_queued_start;
    TraceSignal<TraceConnectionQueuedEndParams> on_connection_queued_end;
    TraceSignal<TraceConnectionCreateStartParams> on_connection_create_start;
    TraceSignal<TraceConnectionCreateEndParams> on_connection_create_end;
    TraceSignal<TraceConnectionReuseconnParams> on_connection_reuseconn;
    TraceSignal<TraceDnsResolveHostStartParams> on_dns_resolvehost_start;
    TraceSignal<TraceDnsResolveHostEndParams> on_dns_resolvehost_end;
    TraceSignal<TraceDnsCacheHitParams> on_dns_cache_hit;
    TraceSignal<TraceDnsCacheMissParams> on_dns_cache_miss;

private:
    aio::detail::SharedFunction<std::any(const std::any&)> factory_;
};

}  // namespace aio::http
