// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// The body, which the response keeps; it closes the connection if that fails.
Coro<const std::string&> read_whole(ResponseState& state, std::uint64_t max_size);
/// Whether a body of that type is what was expected; any "+json" is application/json.
bool is_expected_type(std::string_view type, std::string_view expected);
bool is_known_encoding(std::string_view encoding);
/// As UTF-8. Throws LookupError for an encoding that is not known, ValueError for a body that is not in it.
std::string decode_text(std::string_view body, const std::string& encoding, const std::string& errors);

}  // namespace aio::http::detail
