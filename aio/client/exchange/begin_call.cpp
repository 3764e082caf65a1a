// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/basic_auth.hpp>
#include <aio/client/connect/proxies.hpp>
#include <aio/client/exchange/client_call_impl.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/loop/event_loop.hpp>

#include <algorithm>

namespace aio::http::detail {
namespace {

void check_url(const URL& url) {
    const std::string_view scheme = url.scheme();
    if (!scheme.empty() && scheme != "http" && scheme != "https") throw NonHttpUrlClientError(url.str());
    if (scheme.empty() || !url.is_absolute()) throw InvalidUrlClientError(url.str());
}

void complete_url(ClientCall& call) {
    ClientRequest& request = call.request;
    const auto& base = call.session->options.base_url();
    if (base && !request.url().is_absolute()) request.url(base->join(request.url()));
    check_url(request.url());
    if (!call.params.empty()) {
        MultiDict query = request.url().query();
        query.extend(call.params);
        request.url(request.url().with_query(query));
        call.params.clear();
    }
}

void merge_headers(ClientCall& call) {
    const Headers& defaults = call.session->options.headers();
    if (defaults.empty()) return;
    Headers merged = defaults;
    merged.update(call.headers);
    call.headers = std::move(merged);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::any_of(names,
                               [name](std::string_view one) { return equal_ignoring_case(one, name); });
}

void add_automatic(const ClientCall& call, Headers& headers, const HeaderName& name, std::string_view value) {
    if (headers.contains(name) || contains(call.skip_auto_headers, name.text())) return;
    if (!contains(call.session->options.skip_auto_headers(), name.text())) headers.add(name, value);
}

void add_usual(const ClientCall& call, Headers& headers) {
    const Headers& usual = call.session->automatic;
    if (call.headers.empty() && call.skip_auto_headers.empty()) return headers.extend(usual);
    for (const auto [name, value] : usual) add_automatic(call, headers, name, value);
}

void append_host(std::string& out, const URL& url) {
    const std::string_view host = url.raw_host().value_or("");
    const bool in_brackets = host.find(':') != host.npos;
    if (in_brackets) out += '[';
    out += host.substr(0, host.find('%'));  // a zone means something on this machine only (RFC 6874)
    if (in_brackets) out += ']';
    if (!url.is_default_port() && url.explicit_port()) {
        out += ':';
        out += std::to_string(*url.explicit_port());
    }
}

// Behind those of a field Cookie that the program has set itself.
void add_cookies(const ClientCall& call, Headers& headers) {
    std::vector<Cookie> own;
    if (!call.left_origin) own = call.session->options.cookies();
    own.insert(own.end(), call.cookies.begin(), call.cookies.end());
    const std::string cookies = call.session->cookie_jar->cookie_header(call.request.url(), own);
    if (cookies.empty()) return;
    std::string text(headers.get(hdrs::COOKIE, ""));
    if (!text.empty()) text += "; ";
    headers.set(hdrs::COOKIE, text.append(cookies));
}

void add_authorization(const ClientCall& call, Headers& headers) {
    if (!call.authorization.empty()) {
        headers.set(hdrs::AUTHORIZATION, call.authorization);
    } else if (call.session->netrc && !headers.contains(hdrs::AUTHORIZATION)) {
        const auto known =
            basic_auth_from_netrc(*call.session->netrc, call.request.url().host().value_or(""));
        if (known) headers.add(hdrs::AUTHORIZATION, *known);
    }
}

/// A WebSocket's URL has a scheme of its own.
std::optional<URL> env_proxy_of(const ClientCall& call) {
    const URL& url = call.request.url();
    if (!call.headers.contains_token(hdrs::UPGRADE, "websocket")) return get_env_proxy_for_url(url);
    return get_env_proxy_for_url(url.with_scheme(url.scheme() == "https" ? "wss" : "ws"));
}

}  // namespace

Headers automatic_headers(const SessionOptions& options) {
    Headers all{{hdrs::ACCEPT, "*/*"},
                {hdrs::ACCEPT_ENCODING, "gzip, deflate, br, zstd"},
                {hdrs::USER_AGENT, "aio/0.1"}};
    for (const std::string& name : options.skip_auto_headers()) all.remove(name);
    return all;
}

void take_credentials(ClientCall& call, URL& url) {
    const auto user = url.user();
    if (!user && !url.raw_password()) return;
    if (!call.authorization.empty() || call.headers.contains(hdrs::AUTHORIZATION))
        throw ValueError("cannot combine Authorization with credentials in the URL");
    call.authorization = encode_basic_auth(user.value_or(""), url.password().value_or(""));
    url = url.with_user(std::nullopt);
}

void begin_call(ClientCall& call) {
    if (!call.session->connector) throw RuntimeError("Session is closed");
    const SessionOptions& options = call.session->options;
    complete_url(call);
    merge_headers(call);
    if (call.request.url().raw_user() || call.request.url().raw_password()) {
        URL url = call.request.url();
        take_credentials(call, url);
        call.request.url(std::move(url));
    }
    if (call.authorization.empty()) {
        if (!call.headers.contains(hdrs::AUTHORIZATION)) call.authorization = options.authorization();
    } else if (call.headers.contains(hdrs::AUTHORIZATION)) {
        throw ValueError("cannot combine Authorization with basic_auth()");
    }
    call.fragment = call.request.url().raw_fragment();
    if (!call.fragment.empty()) call.request.url(call.request.url().with_fragment(""));
    if (!call.request.ssl()) call.request.ssl(options.ssl());
    if (!call.request.proxy()) call.request.proxy(options.proxy());
    if (call.request.proxy_headers().empty()) call.request.proxy_headers() = options.proxy_headers();
    call.env_proxy = options.trust_env() && !call.request.proxy();
    call.tracers = Tracers::of(call.session, call.trace_request_ctx);
    call.deadline = call.limits().deadline(get_running_loop().time(), call.limits().total());
}

void prepare_headers(ClientCall& call) {
    ClientRequest& request = call.request;
    if (call.env_proxy) request.proxy(env_proxy_of(call));
    Headers& headers = request.headers();
    headers.clear();
    if (!call.headers.contains(hdrs::HOST)) {
        std::string host;
        append_host(host, request.url());
        headers.add(hdrs::HOST, host);
    } else if (call.headers.getall(hdrs::HOST).size() > 1) {
        throw ValueError("a request has one Host");
    }
    headers.extend(call.headers);
    add_usual(call, headers);
    add_authorization(call, headers);
    add_cookies(call, headers);
    if (request.shared_body()) {
        const std::string_view type = request.body().content_type();
        add_automatic(call, headers, hdrs::CONTENT_TYPE, type.empty() ? "application/octet-stream" : type);
    }
    if (request.expect100() && request.shared_body()) headers.set(hdrs::EXPECT, "100-continue");
    if (request.version() == kHttpVersion10) add_automatic(call, headers, hdrs::CONNECTION, "keep-alive");
}

}  // namespace aio::http::detail
