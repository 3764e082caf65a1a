// SPDX-License-Identifier: MIT
#include <aio/web/exceptions.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/normalize_path_middleware.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace aio::web {
namespace {

// The router that the request came to first: the one that has no parent.
const UrlDispatcher* outermost(const UrlDispatcher* router) noexcept {
    while (router != nullptr && router->parent() != nullptr) router = router->parent();
    return router;
}

void redirect_if_known(const Request& request, const NormalizePathOptions& options,
                       const RedirectTo& redirect) {
    const UrlMappingMatchInfo& match = request.match_info();
    const UrlDispatcher* router = outermost(match.router());
    if (match || router == nullptr) return;
    const std::string_view target = request.raw_path();
    const std::size_t query = std::min(target.find('?'), target.size());
    const std::string host(request.header("Host").value_or(""));
    for (std::string& location : normalized_paths(target.substr(0, query), options)) {
        if (!router->resolve(request.method(), host, location)) continue;
        location += target.substr(query);
        if (redirect) redirect(location);
        throw HTTPPermanentRedirect(location);
    }
}

Coro<Response> normalize(NormalizePathOptions options, RedirectTo redirect, Request& request, Handler next) {
    redirect_if_known(request, options, redirect);
    co_return co_await next(request);
}

}  // namespace

Middleware normalize_path_middleware(const NormalizePathOptions& options, RedirectTo redirect) {
    (void)normalized_paths("/", options);  // throws for those that contradict each other
    return Middleware([options, redirect = std::move(redirect)](Request& request, Handler next) {
        return normalize(options, redirect, request, std::move(next));
    });
}

}  // namespace aio::web
