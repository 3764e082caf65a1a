// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

/// "Running on http://127.0.0.1:PORT" as the other servers of these tests say it.
inline void announce(std::string_view text) {
    const std::size_t at = text.find("127.0.0.1:");
    const std::string address(text.substr(at, text.find(' ', at) - at));
    std::printf("listening on %s\n", address.c_str());
    std::fflush(stdout);
}
