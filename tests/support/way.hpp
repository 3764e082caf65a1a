// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/traceback.hpp>

#include <string>
#include <vector>

namespace aio::tests {

/// An error's traceback as "name+line name+line": the function's last name and the line counted from `top`;
/// "name+line..." after that await, "name" alone somewhere in it.
inline std::string way(const std::exception_ptr& error, unsigned top) {
    std::string text;
    for (const FrameSummary& frame : traceback(error)) {
        const std::string name = frame.name();
        text += (text.empty() ? "" : " ") + name.substr(name.rfind(':') + 1);
        if (frame.place == FrameSummary::Place::somewhere) continue;
        text += "+" + std::to_string(static_cast<int>(frame.line - top));
        if (frame.place == FrameSummary::Place::after_await) text += "...";
    }
    return text;
}

}  // namespace aio::tests
