// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/connector.hpp>
#include <aio/client/exchange/session_state_impl.hpp>
#include <aio/client/tracing.hpp>

#include <any>
#include <cstddef>
#include <string_view>
#include <vector>

namespace aio::http::detail {

/// The hooks of a session during one request, also for its connector.
class Tracers final : public ConnectTrace {
public:
    /// Null if the session has no hooks.
    static std::shared_ptr<Tracers> of(const std::shared_ptr<SessionState>& session,
                                       const std::any& request_ctx);
    Tracers(std::shared_ptr<SessionState> session, const std::any& request_ctx);

    template <class Params>
    bool wants(TraceSignal<Params> TraceConfig::* signal) const noexcept {
        for (const TraceConfig& config : session_->options.trace_configs()) {
            if (!(config.*signal).empty()) return true;
        }
        return false;
    }
    /// Calls the hooks of all sets. `params` lives in the caller's frame.
    template <class Params>
    Coro<> send(TraceSignal<Params> TraceConfig::* signal, const Params& params) {
        const std::vector<TraceConfig>& configs = session_->options.trace_configs();
        for (std::size_t i = 0; i < configs.size(); ++i) {
            if (!(configs[i].*signal).empty()) co_await (configs[i].*signal).send(contexts_[i], params);
        }
    }

    Coro<> connection_queued_start() override;
    Coro<> connection_queued_end() override;
    Coro<> connection_create_start() override;
    Coro<> connection_create_end() override;
    Coro<> connection_reuseconn() override;
    Coro<> dns_resolvehost_start(std::string_view host) override;
    Coro<> dns_resolvehost_end(std::string_view host) override;
    Coro<> dns_cache_hit(std::string_view host) override;
    Coro<> dns_cache_miss(std::string_view host) override;

private:
    std::shared_ptr<SessionState> session_;
    std::vector<TraceContext> contexts_;
};

}  // namespace aio::http::detail
