// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/multi_dict.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// application/x-www-form-urlencoded, which queries and simple forms are: "a=1&b=x+y".
namespace aio::http {

/// How parse_qsl() reads; the names and the defaults are those of Python.
class ParseQslOptions {
public:
    ParseQslOptions() noexcept {}

    /// Whether a parameter with an empty value counts; if not, "a=&b=1" is "b=1". Default: no.
    ParseQslOptions& keep_blank_values(bool keep) & noexcept AIO_LIFETIME_BOUND {
        keep_blank_values_ = keep;
        return *this;
    }
    ParseQslOptions&& keep_blank_values(bool keep) && noexcept AIO_LIFETIME_BOUND {
        return std::move(keep_blank_values(keep));
    }
    /// Whether what has no "=" is a ValueError. Default: no.
    ParseQslOptions& strict_parsing(bool strict) & noexcept AIO_LIFETIME_BOUND {
        strict_parsing_ = strict;
        return *this;
    }
    ParseQslOptions&& strict_parsing(bool strict) && noexcept AIO_LIFETIME_BOUND {
        return std::move(strict_parsing(strict));
    }
    /// More fields, of which empty ones count, are a ValueError. Default: any number.
    ParseQslOptions& max_num_fields(std::size_t count) & noexcept AIO_LIFETIME_BOUND {
        max_num_fields_ = count;
        return *this;
    }
    ParseQslOptions&& max_num_fields(std::size_t count) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_num_fields(count));
    }

    bool keep_blank_values() const noexcept { return keep_blank_values_; }
    bool strict_parsing() const noexcept { return strict_parsing_; }
    std::optional<std::size_t> max_num_fields() const noexcept { return max_num_fields_; }

private:
    bool keep_blank_values_ = false;
    bool strict_parsing_ = false;
    std::optional<std::size_t> max_num_fields_;
};

/// The fields of a query or of a form's body. What is no UTF-8 in them is U+FFFD. Throws ValueError as the
/// options say. Mirrors urllib.parse.parse_qsl(). Threads: any.
MultiDict parse_qsl(std::string_view text, const ParseQslOptions& options = ParseQslOptions());

/// The other way round: "a=1&b=x+y". Mirrors urllib.parse.urlencode(). Threads: any.
std::string urlencode(const MultiDict& fields);

}  // namespace aio::http
