// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/url/url.hpp>

#include <optional>
#include <string_view>

/// Which proxies the environment names, by the rules of Python's urllib. Threads: any, while none changes the
/// environment.
namespace aio::http {

/// The proxy for a URL's scheme, with user and password as they stand there: `http_proxy` or `https_proxy`
/// (for ws and wss, `ws_proxy` or `wss_proxy` before these), or else `all_proxy`, in small letters or, after
/// those, in capitals; nothing if there is none, it is empty, or proxy_bypass(). A value without a scheme is
/// an http proxy. HTTP_PROXY in capitals does not count in a CGI program, where REQUEST_METHOD is set,
/// because there it is a field that a client has sent. Throws ValueError if it is no URL. Mirrors what
/// aiohttp does for trust_env, but for `all_proxy` and the proxies that it cannot use: they are given here,
/// and connecting fails, because a request that has to go through a proxy must not go without.
std::optional<URL> get_env_proxy_for_url(const URL& url);

/// Whether `no_proxy` names the host: it, or a domain above it, with or without its port, or "*" for all.
/// Mirrors urllib.request.proxy_bypass_environment().
bool proxy_bypass(std::string_view host, std::optional<unsigned> port = std::nullopt);

}  // namespace aio::http
