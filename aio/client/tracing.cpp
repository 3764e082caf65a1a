// SPDX-License-Identifier: MIT
#include <aio/client/tracing.hpp>

namespace aio::http {

Coro<> detail::nothing_to_await() { co_return; }

TraceContext TraceConfig::trace_config_ctx(const std::any& request_ctx) const {
    return TraceContext(factory_ ? factory_(request_ctx) : std::any(), request_ctx);
}

}  // namespace aio::http
