// SPDX-License-Identifier: MIT
#include <aio/dns/idna.hpp>
#include <aio/dns/idna_impl.hpp>

namespace aio::dns {

std::string idna_encode(std::string_view name) { return aio::detail::encode_idna(name); }

std::string idna_decode(std::string_view name) { return aio::detail::decode_idna(name); }

}  // namespace aio::dns
