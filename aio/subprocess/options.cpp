// SPDX-License-Identifier: MIT
#include <aio/subprocess/options.hpp>

#include <unistd.h>
#include <string_view>

namespace aio::subprocess {

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = ::environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const std::size_t sign = text.find('=', 1);  // as Python: a name may begin with one
        if (sign == std::string_view::npos) continue;
        variables.emplace(text.substr(0, sign), text.substr(sign + 1));
    }
    return variables;
}

}  // namespace aio::subprocess
