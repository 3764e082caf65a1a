// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/json/error.hpp>
#include <aio/http/json/load_options.hpp>

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string>
#include <string_view>

namespace aio::json {

/// Any JSON: null, a boolean, number, text, array or object. Boost.JSON's.
using Value = boost::json::value;
using Array = boost::json::array;
using Object = boost::json::object;

namespace detail {

/// Takes a text apart. Throws JSONDecodeError.
Value parse(std::string_view text, const LoadOptions& options);
/// The same for a value that lives only as long as `use` looks at it, which is cheaper.
void parse(std::string_view text, const LoadOptions& options, void (*use)(const Value&, void*), void* with);

void write_value(std::string& out, const Value& value);

}  // namespace detail
}  // namespace aio::json
