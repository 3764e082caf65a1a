// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace aio::json {

/// How a T becomes the text of JSON, and comes from it. Whatever in aio sends or receives JSON asks here.
///
/// <aio/http/json.hpp> defines it for all types, by Boost.JSON. Another library is used for the types for
/// which this is specialised:
///
///     template <>
///     struct aio::json::Codec<Config> {
///         static std::string dumps(const Config& value) { return nlohmann::json(value).dump(); }
///         static Config loads(std::string_view text) { return nlohmann::json::parse(text).get<Config>(); }
///     };
///
/// Such a type may also be part of others, in which it goes through a text. What loads() throws comes out; a
/// JSONDecodeError is told the place.
template <class T>
struct Codec;

namespace detail {

// What client and server call, whose headers do without <aio/http/json.hpp>.

template <class T>
std::string dump_body(const T& value) {
    using Kept = std::decay_t<const T>;  // of a text in quotes a pointer
    static_assert(requires { sizeof(Codec<Kept>); }, "JSON needs <aio/http/json.hpp>");
    return Codec<Kept>::dumps(value);
}

template <class T>
T load_body(std::string_view text) {
    static_assert(requires { sizeof(Codec<T>); }, "JSON needs <aio/http/json.hpp>");
    return Codec<T>::loads(text);
}

}  // namespace detail
}  // namespace aio::json
