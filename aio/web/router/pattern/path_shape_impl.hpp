// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web::detail {

/// What is known of all paths of a resource, segment by segment: for sorting them, not for matching.
struct PathShape {
    /// The text of each, nothing where it varies. "/a/{b}/" has three: a, nothing, and an empty one.
    std::vector<std::optional<std::string>> segments;
    /// Whether others may follow, so that nothing is known of these and their number.
    bool open = false;

    /// Of a path without variables; all below it too, if it is open.
    static PathShape of(std::string_view path, bool open) {
        PathShape shape;
        shape.open = open;
        for (std::size_t begin = 1; begin <= path.size();) {
            const std::size_t end = path.find('/', begin);
            shape.segments.emplace_back(path.substr(begin, end - begin));
            if (end == path.npos) break;
            begin = end + 1;
        }
        return shape;
    }
};

}  // namespace aio::web::detail
