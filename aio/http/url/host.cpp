// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/idna_impl.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/host_impl.hpp>
#include <aio/http/url/url_quoting_impl.hpp>

#include <algorithm>
#include <boost/url/authority_view.hpp>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <string>

namespace aio::http::detail {
namespace {

using syntax::is_digit;

// A name of the domain name system has no more, with a dot at its end.
constexpr std::size_t kMaxHostSize = 254;

[[noreturn]] void raise_invalid(std::string_view host, const char* why) {
    // Without what a terminal or a log would obey.
    throw ValueError("Invalid URL: host '" + Quoter("[]:", "").quote(host.substr(0, kMaxHostSize)) + "' " +
                     why);
}

std::string_view last_label(std::string_view host) noexcept {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host.substr(host.rfind('.') + 1);
}

// What inet_aton() and browsers take for the last number of an IPv4 address.
bool is_number(std::string_view label) noexcept {
    if (label.empty()) return false;
    if (label.starts_with("0x")) {
        return std::all_of(label.begin() + 2, label.end(),
                           [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    }
    return std::all_of(label.begin(), label.end(), is_digit);
}

std::string encode_ipv6(std::string_view host, std::string_view inside) {
    const std::size_t percent = inside.find('%');
    const auto address = boost::urls::parse_ipv6_address(inside.substr(0, percent));
    if (!address) raise_invalid(host, "is no IPv6 address");
    std::string result = "[" + std::string(address->to_string());
    if (percent != inside.npos) {
        std::string_view zone = inside.substr(percent + 1);
        if (zone.starts_with("25")) zone.remove_prefix(2);
        constexpr Bytes allowed(kUnreserved);
        if (zone.empty() || !std::all_of(zone.begin(), zone.end(), [&](char c) { return allowed.has(c); })) {
            raise_invalid(host, "has an invalid zone");
        }
        result += inside.substr(percent);
    }
    return result + "]";
}

// The grammar knows encoded bytes in names, which nothing else knows.
void check_name(std::string_view host, const std::string& name, bool international) {
    if (name.size() > kMaxHostSize) raise_invalid(host, "is too long");
    if (name.find('%') != name.npos) raise_invalid(host, "has encoded bytes");
    if (is_number(last_label(name))) {
        if (!international && boost::urls::parse_ipv4_address(name)) return;
        raise_invalid(host, "is a number, but not an IPv4 address in its usual form");
    }
    const auto parsed = boost::urls::parse_authority(name);
    if (!parsed || std::string_view(parsed->encoded_host().data(), parsed->encoded_host().size()) != name) {
        raise_invalid(host, "has characters that no host has");
    }
}

}  // namespace

bool is_plain_host(std::string_view host) noexcept {
    if (host.empty() || host.size() > kMaxHostSize) return false;
    bool begins_label = true;
    bool number = false;  // whether the label begins as one
    for (const char c : host) {
        const bool digit = is_digit(c);
        if (begins_label) number = digit;
        begins_label = c == '.';
        if (!digit && !(c >= 'a' && c <= 'z') && c != '.' && c != '-' && c != '_') return false;
    }
    return !number && !begins_label;
}

std::string encode_host(std::string_view host) {
    if (host.empty()) throw ValueError("Invalid URL: host is required for absolute urls");
    if (host.starts_with('[') && host.ends_with(']'))
        return encode_ipv6(host, host.substr(1, host.size() - 2));
    if (host.find(':') != host.npos) return encode_ipv6(host, host);
    const bool international = !aio::detail::is_ascii(host);
    const std::string name =
        syntax::lower(international ? aio::detail::encode_idna(host) : std::string(host));
    check_name(host, name, international);
    return name;
}

std::string decode_host(std::string_view host) {
    if (host.starts_with('[')) {
        std::string address(host.substr(1, host.size() - 2));
        const std::size_t zone = address.find("%25");
        if (zone != address.npos) address.erase(zone + 1, 2);
        return address;
    }
    if (host.find("xn--") == host.npos) return std::string(host);
    try {
        return aio::detail::decode_idna(host);
    } catch (const ValueError&) {  // no international name, which nobody says it must be
        return std::string(host);
    }
}

}  // namespace aio::http::detail
