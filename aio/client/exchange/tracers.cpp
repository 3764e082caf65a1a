// SPDX-License-Identifier: MIT
#include <aio/client/exchange/tracers_impl.hpp>

#include <utility>

namespace aio::http::detail {
namespace {

// With parameters of its own frame.
template <class Params>
Coro<> tell(Tracers& tracers, TraceSignal<Params> TraceConfig::* signal, Params params) {
    co_await tracers.send(signal, params);
}

}  // namespace

std::shared_ptr<Tracers> Tracers::of(const std::shared_ptr<SessionState>& session,
                                     const std::any& request_ctx) {
    if (session->options.trace_configs().empty()) return nullptr;
    return std::make_shared<Tracers>(session, request_ctx);
}

Tracers::Tracers(std::shared_ptr<SessionState> session, const std::any& request_ctx)
    : session_(std::move(session)) {
    for (const TraceConfig& config : session_->options.trace_configs())
        contexts_.push_back(config.trace_config_ctx(request_ctx));
}

Coro<> Tracers::connection_queued_start() {
    return tell(*this, &TraceConfig::on_connection_queued_start, TraceConnectionQueuedStartParams());
}
Coro<> Tracers::connection_queued_end() {
    return tell(*this, &TraceConfig::on_connection_queued_end, TraceConnectionQueuedEndParams());
}
Coro<> Tracers::connection_create_start() {
    return tell(*this, &TraceConfig::on_connection_create_start, TraceConnectionCreateStartParams());
}
Coro<> Tracers::connection_create_end() {
    return tell(*this, &TraceConfig::on_connection_create_end, TraceConnectionCreateEndParams());
}
Coro<> Tracers::connection_reuseconn() {
    return tell(*this, &TraceConfig::on_connection_reuseconn, TraceConnectionReuseconnParams());
}
Coro<> Tracers::dns_resolvehost_start(std::string_view host) {
    return tell(*this, &TraceConfig::on_dns_resolvehost_start, TraceDnsResolveHostStartParams{host});
}
Coro<> Tracers::dns_resolvehost_end(std::string_view host) {
    return tell(*this, &TraceConfig::on_dns_resolvehost_end, TraceDnsResolveHostEndParams{host});
}
Coro<> Tracers::dns_cache_hit(std::string_view host) {
    return tell(*this, &TraceConfig::on_dns_cache_hit, TraceDnsCacheHitParams{host});
}
Coro<> Tracers::dns_cache_miss(std::string_view host) {
    return tell(*this, &TraceConfig::on_dns_cache_miss, TraceDnsCacheMissParams{host});
}

}  // namespace aio::http::detail
