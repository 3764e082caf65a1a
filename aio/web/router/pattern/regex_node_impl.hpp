// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/router/pattern/char_set_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web::detail {

/// A regular expression as a tree.
struct RegexNode {
    enum class Kind : std::uint8_t {
        sequence,      ///< of its children; nothing, if it has none
        choice,        ///< the first of its children that fits
        repeat,        ///< its child, `least` to `most` times
        text,          ///< these bytes
        set,           ///< a character of the set
        variable,      ///< its child, and what it fits is the value of the next variable
        text_begin,    ///< ^ and \A
        text_end,      ///< \Z
        line_end,      ///< $, which is also before a line feed that ends the text
        word_edge,     ///< \b
        no_word_edge,  ///< \B
    };

    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

    Kind kind = Kind::sequence;
    bool lazy = false;  ///< a repeat that stops as early as it can
    std::size_t least = 0;
    std::size_t most = 0;
    std::string text;
    CharSet set;
    std::vector<RegexNode> children;
};

/// Reads a regular expression in the syntax of Python's `re`. Throws ValueError with Python's words for what
/// is none, and for what only a matcher that goes back without end could do, or what is of no use in a route:
/// look-around, back-references, flags, named groups, comments.
RegexNode parse_regex(std::string_view pattern);

}  // namespace aio::web::detail
