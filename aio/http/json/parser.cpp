// SPDX-License-Identifier: MIT
#include <aio/http/json/value.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>

namespace aio::json::detail {
namespace {

using boost::json::error;
using boost::json::error_code;
using boost::json::string_view;

/// Builds the value as Boost.JSON's own parser does, but for numbers with a fraction: that one computes them,
/// and may be wrong in the last digit (Boost 1.81).
struct Handler {
    static constexpr std::size_t max_array_size = Array::max_size();
    static constexpr std::size_t max_object_size = Object::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code&) {
        stack.push_array(count);
        return true;
    }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t count, error_code&) {
        stack.push_object(count);
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&) {
        stack.push_chars(part);
        return true;
    }
    bool on_string(string_view rest, std::size_t, error_code&) {
        stack.push_string(rest);
        return true;
    }
    bool on_key_part(string_view part, std::size_t, error_code&) {
        stack.push_chars(part);
        return true;
    }
    bool on_key(string_view rest, std::size_t, error_code&) {
        stack.push_key(rest);
        return true;
    }
    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, string_view, error_code&) {
        stack.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, string_view, error_code&) {
        stack.push_uint64(number);
        return true;
    }
    bool on_double(double about, string_view text, error_code& ec) {
        double number = 0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
        if (result.ec == std::errc::result_out_of_range) {
            if (std::abs(about) > 1) {
                ec = error::exponent_overflow;
                return false;
            }
            number = std::copysign(0.0, about);
        }
        stack.push_double(number);
        return true;
    }
    bool on_bool(bool value, error_code&) {
        stack.push_bool(value);
        return true;
    }
    bool on_null(error_code&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

    boost::json::value_stack stack;
};

std::string message_of(const error_code& ec) {
    if (ec == error::incomplete) return "The text ends too early";
    if (ec == error::extra_data) return "Extra data";
    if (ec == error::too_deep) return "Arrays and objects are too deep";
    if (ec == error::exponent_overflow) return "A number is too large";
    if (ec == error::syntax) return "Invalid syntax";
    return ec.message();
}

Value parse_into(std::string_view text, const LoadOptions& options, boost::json::storage_ptr storage) {
    if (text.size() > options.max_size()) {
        throw JSONDecodeError("The text has more than " + std::to_string(options.max_size()) + " bytes", text,
                              options.max_size());
    }
    boost::json::parse_options strict;
    strict.max_depth = options.max_depth();
    boost::json::basic_parser<Handler> parser(strict);
    parser.handler().stack.reset(std::move(storage));
    error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = error::extra_data;
    if (ec) throw JSONDecodeError(message_of(ec), text, ec == error::incomplete ? text.size() : used);
    return parser.handler().stack.release();
}

}  // namespace

Value parse(std::string_view text, const LoadOptions& options) { return parse_into(text, options, {}); }

void parse(std::string_view text, const LoadOptions& options, void (*use)(const Value&, void*), void* with) {
    boost::json::monotonic_resource memory;
    use(parse_into(text, options, &memory), with);
}

}  // namespace aio::json::detail
