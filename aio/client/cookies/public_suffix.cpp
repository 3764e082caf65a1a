// SPDX-License-Identifier: MIT
#include <aio/client/cookies/public_suffix_impl.hpp>
#include <aio/transport/socket_address.hpp>

#include <libpsl.h>

namespace aio::http::detail {
namespace {

// The list that libpsl was built with, or the system's where it has none; never freed, as others use it as
// well.
const psl_ctx_t* list() {
    static const psl_ctx_t* const known = [] {
        const psl_ctx_t* const builtin = psl_builtin();
        return builtin ? builtin : psl_latest(nullptr);
    }();
    return known;
}

}  // namespace

bool is_address(std::string_view host) noexcept { return SocketAddress::parse(host, 0).has_value(); }

bool is_public_suffix(const std::string& domain) {
    if (domain.find('.') == std::string::npos) return true;
    return list() && psl_is_public_suffix(list(), domain.c_str()) != 0;
}

std::string registrable_domain(const std::string& host) {
    if (!list() || is_address(host)) return host;
    const char* const found = psl_registrable_domain(list(), host.c_str());
    return found ? found : host;
}

}  // namespace aio::http::detail
