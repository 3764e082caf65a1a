// SPDX-License-Identifier: MIT
#include <aio/http/header_name.hpp>
#include <aio/http/message.hpp>

namespace aio::http {

std::optional<std::string_view> MessageHead::get(std::string_view name) const noexcept {
    for (const Field& field : fields) {
        if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

}  // namespace aio::http
