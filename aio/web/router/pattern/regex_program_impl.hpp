// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/router/detail/path_span.hpp>
#include <aio/web/router/pattern/regex_node_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace aio::web::detail {

/// A regular expression that whole texts are matched against, with the results of Python's fullmatch().
///
/// It goes back as Perl's and Python's matchers do, but never twice to the same place in the text with the
/// same instruction: so time is at most the product of both sizes, whatever the pattern.
class RegexProgram {
public:
    RegexProgram() = default;
    /// Throws ValueError if it would be too large.
    RegexProgram(const RegexNode& node, std::size_t variables);

    /// Whether all of `text` fits; then `values` has a span for each variable.
    bool match(std::string_view text, PathSpan* values) const;

    enum class Op : std::uint8_t { byte, set, split, jump, again, save, edge, match };
    struct Instruction {
        Op op;
        std::uint32_t first = 0;   ///< the byte, the set, the slot, the kind of edge, or what is tried first
        std::uint32_t second = 0;  ///< what is tried when that does not fit
    };

private:
    friend class RegexCompiler;

    std::vector<Instruction> code_;
    std::vector<CharSet> sets_;
    std::size_t variables_ = 0;
};

}  // namespace aio::web::detail
