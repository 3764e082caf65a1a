// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/url.hpp>
#include <aio/web/router/domain_impl.hpp>

#include <algorithm>

namespace aio::web::detail {
namespace {

namespace syntax = http::syntax;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label, bool mask) noexcept {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(), [mask](char c) {
        return (c >= 'a' && c <= 'z') || syntax::is_digit(c) || c == '-' || (mask && c == '*');
    });
}

bool are_labels(std::string_view host, bool mask) noexcept {
    for (;;) {
        const std::size_t dot = std::min(host.find('.'), host.size());
        if (!is_label(host.substr(0, dot), mask)) return false;
        if (dot == host.size()) return true;
        host.remove_prefix(dot + 1);
    }
}

std::string mask_of(const std::string& domain) {
    const std::size_t colon = std::min(domain.find(':'), domain.size());
    const std::string host = domain.substr(0, colon);
    if (!are_labels(host, true)) throw ValueError("Domain not valid");
    if (colon == domain.size()) return domain;
    const auto port = syntax::parse_digits(std::string_view(domain).substr(colon + 1));
    if (!port || *port > 65535) throw ValueError("Domain not valid");
    return *port == 80 ? host : domain;
}

http::URL url_of(const std::string& domain) {
    try {
        return http::URL("http://" + domain);
    } catch (const ValueError&) {
        throw ValueError("Domain not valid");
    }
}

}  // namespace

std::string checked_domain(std::string_view text) {
    std::string domain = syntax::lower(text);
    while (domain.ends_with('.')) domain.pop_back();
    if (domain.empty()) throw ValueError("Domain cannot be empty");
    if (domain.find("://") != domain.npos) throw ValueError("Scheme not supported");
    if (domain.find('*') != domain.npos) return mask_of(domain);
    const http::URL url = url_of(domain);
    const std::string host(url.raw_host().value_or(""));
    if (!are_labels(host, false)) throw ValueError("Domain not valid");
    return url.is_default_port() ? host : host + ":" + std::to_string(url.port().value_or(80));
}

bool is_of_domain(std::string_view host, std::string_view domain) noexcept {
    if (host.empty()) return false;
    std::size_t star = domain.npos;  // the last one that was met, and where what it stands for ends
    std::size_t end = 0;
    std::size_t j = 0;
    for (std::size_t i = 0; i < host.size();) {
        if (j < domain.size() && domain[j] == '*') {
            star = j++;
            end = i;
        } else if (j < domain.size() && domain[j] == lower(host[i])) {
            ++i;
            ++j;
        } else if (star != domain.npos) {
            i = ++end;
            j = star + 1;
        } else {
            return false;
        }
    }
    return domain.find_first_not_of('*', j) == domain.npos;
}

}  // namespace aio::web::detail
