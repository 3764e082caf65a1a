// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/idna.hpp>
#include <aio/dns/lookups_impl.hpp>
#include <aio/dns/names_impl.hpp>
#include <aio/net/resolver.hpp>

#include <netdb.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

namespace aio::dns::detail {
namespace {

constexpr std::size_t kLongest = 253;

int gai_code(int status) noexcept {
    switch (status) {
        case ARES_ENODATA:
            return EAI_NODATA;
        case ARES_ENOTFOUND:
        case ARES_EBADNAME:
            return EAI_NONAME;
        case ARES_EFORMERR:
        case ARES_ENOTIMP:
        case ARES_EBADRESP:
            return EAI_FAIL;
        default:
            return EAI_AGAIN;
    }
}

}  // namespace

void raise_failure(const std::string& name, int status) {
    const std::string operation = "resolve '" + name + "'";
    if (status == ARES_ENOMEM) throw std::bad_alloc();
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        raise_os_error(ECANCELED, operation + ": the resolver was closed");
    }
    throw gaierror(gai_code(status), operation + " (" + ::ares_strerror(status) + ")");
}

std::string checked_name(const std::string& name) {
    std::string text;
    try {
        text = idna_encode(name);
    } catch (const ValueError& error) {
        throw gaierror(EAI_NONAME, "resolve '" + name + "' (" + error.what() + ")");
    }
    constexpr std::size_t kLongestLabel = 63;
    std::size_t label = 0;
    bool good = !text.empty() && text.size() <= kLongest + (text.back() == '.' ? 1 : 0);
    for (const char c : text) {
        good = good && c > ' ' && c < 0x7f && c != '\\';
        if (c == '.') {
            good = good && label > 0;
            label = 0;
        } else {
            good = good && ++label <= kLongestLabel;
        }
    }
    if (!good) throw gaierror(EAI_NONAME, "resolve '" + name + "'");
    return text;
}

std::vector<std::string> candidates_of(const std::string& name, const Lookups& lookups) {
    if (name.back() == '.') return {name.substr(0, name.size() - 1)};
    std::vector<std::string> candidates;
    const auto dots = std::count(name.begin(), name.end(), '.');
    const bool first = dots >= lookups.ndots();
    if (first) candidates.push_back(name);
    for (const std::string& domain : lookups.search()) {
        if (domain.empty() || domain == ".") continue;
        std::string full = name + "." + domain;
        if (full.back() == '.') full.pop_back();
        if (full.size() <= kLongest) candidates.push_back(std::move(full));
    }
    if (!first) candidates.push_back(name);
    return candidates;
}

// '/' is in the names of RFC 2317.
bool is_host_name(std::string_view name) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '/';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

bool is_localhost(const std::string& name) {
    const std::string small = lower(name.substr(0, name.size() - (name.back() == '.' ? 1 : 0)));
    return small == "localhost" || small.ends_with(".localhost");
}

}  // namespace aio::dns::detail
