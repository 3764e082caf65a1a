// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/url/query.hpp>
#include <aio/http/url/quoting.hpp>

#include <algorithm>

namespace aio::http {
namespace {

void add_field(MultiDict& fields, std::string_view field, const ParseQslOptions& options) {
    if (field.empty() && !options.strict_parsing()) return;
    const std::size_t equals = field.find('=');
    if (equals == field.npos && options.strict_parsing()) {
        throw ValueError("bad query field: '" + std::string(field) + "'");
    }
    const std::string_view value = equals == field.npos ? std::string_view() : field.substr(equals + 1);
    if (value.empty() && !options.keep_blank_values()) return;
    fields.add(unquote_plus(field.substr(0, equals)), unquote_plus(value));
}

}  // namespace

MultiDict parse_qsl(std::string_view text, const ParseQslOptions& options) {
    MultiDict fields;
    if (text.empty()) return fields;
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '&')) + 1;
    if (options.max_num_fields() && count > *options.max_num_fields()) {
        throw ValueError("Max number of fields exceeded");
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('&', begin), text.size());
        add_field(fields, text.substr(begin, end - begin), options);
        begin = end + 1;
    }
    return fields;
}

std::string urlencode(const MultiDict& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += quote_plus(name);
        text += '=';
        text += quote_plus(value);
    }
    return text;
}

}  // namespace aio::http
