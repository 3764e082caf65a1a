// SPDX-License-Identifier: MIT
#include <aio/client/connect/proxies.hpp>

#include <cstdlib>
#include <string>

namespace aio::http {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return result;
}

std::string_view stripped(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// An empty one in small letters counts, an empty one in capitals does not.
std::optional<std::string> variable(const std::string& name) {
    if (const char* const value = std::getenv(name.c_str())) return std::string(stripped(value));
    if (name == "http_proxy" && std::getenv("REQUEST_METHOD")) return std::nullopt;
    const char* const value = std::getenv(upper(name).c_str());
    if (!value || *value == '\0') return std::nullopt;
    return std::string(stripped(value));
}

bool names(std::string_view entry, const std::string& host) {
    if (host == entry) return true;
    return host.size() > entry.size() && host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

bool proxy_bypass(std::string_view host, std::optional<unsigned> port) {
    const std::string list = variable("no_proxy").value_or(std::string());
    if (list == "*") return true;
    const std::string alone = lower(host);
    const std::string with_port = port ? alone + ':' + std::to_string(*port) : alone;
    for (std::string_view rest = list; !rest.empty();) {
        const std::size_t comma = rest.find(',');
        std::string_view entry = stripped(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        while (entry.starts_with('.')) entry.remove_prefix(1);
        if (entry.empty()) continue;
        const std::string name = lower(entry);
        if (names(name, alone) || names(name, with_port)) return true;
    }
    return false;
}

std::optional<URL> get_env_proxy_for_url(const URL& url) {
    const auto host = url.raw_host();
    if (!host) return std::nullopt;
    std::optional<std::string> value = variable(std::string(url.scheme()) + "_proxy");
    if (!value && url.scheme() == "ws") value = variable("http_proxy");
    if (!value && url.scheme() == "wss") value = variable("https_proxy");
    if (!value) value = variable("all_proxy");
    if (!value || value->empty() || proxy_bypass(*host, url.port())) return std::nullopt;
    if (value->find("://") == std::string::npos) value->insert(0, "http://");
    return URL(*value);
}

}  // namespace aio::http
