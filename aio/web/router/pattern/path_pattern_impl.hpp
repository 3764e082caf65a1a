// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/router/pattern/path_shape_impl.hpp>
#include <aio/web/router/pattern/regex_program_impl.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web::detail {

/// The path of a route with variables, "/items/{id:\d+}/{name}", taken apart and compiled. Paths are in the
/// form of path_text_impl.hpp.
class PathPattern {
public:
    /// Throws ValueError for a path that is malformed.
    explicit PathPattern(std::string_view path);

    /// The text before the first variable.
    const std::string& literal_prefix() const noexcept { return texts_.front(); }
    /// "/items/{id}/{name}", encoded.
    std::string canonical() const;
    const std::vector<std::string>& names() const noexcept { return names_; }
    /// The texts between variables, one more than these; decoded as paths are, and as they go into a URL.
    const std::vector<std::string>& texts() const noexcept { return texts_; }
    const std::vector<std::string>& quoted_texts() const noexcept { return quoted_; }
    PathShape shape() const;
    /// Put before the path, which has matched nothing so far.
    void add_prefix(std::string_view prefix);

    /// Whether all of `path` fits; then `values` has a span for each name.
    /// The first `known` bytes, of the text before the first variable, were compared already.
    bool match(std::string_view path, PathSpan* values, std::size_t known = 0) const {
        const Verdict verdict = match_steps(path, values, known);
        return verdict == Verdict::undecided ? match_program(path, values) : verdict == Verdict::fits;
    }

private:
    enum class Verdict : std::uint8_t { fits, fails, undecided };

    using Bytes = std::array<bool, 256>;

    // Nearly all patterns can be matched from left to right: texts, and runs of characters of which it is
    // known where they end.
    struct Step {
        const Bytes* bytes = nullptr;  ///< of a run; none: a text
        std::uint32_t text = 0;        ///< where that is in step_texts_
        std::uint32_t size = 0;
        std::uint32_t least = 0;
        std::uint32_t most = kOpen;
        std::uint32_t rest =
            kOpen;                 ///< how many bytes follow; kOpen: the run ends before the first other byte
        std::int16_t begins = -1;  ///< the variable whose value begins or ends here
        std::int16_t ends = -1;
        bool only_ascii = false;  ///< what is beyond ASCII only the program knows
    };
    static constexpr std::uint32_t kOpen = static_cast<std::uint32_t>(-1);

    void parse(std::string_view path);
    void add_variable(std::string_view path, std::string_view inside);
    void compile();
    bool compile_steps();
    void add_text(std::string_view text);
    bool add_steps(const RegexNode& node);
    bool add_run(const RegexNode& set, std::size_t least, std::size_t most);
    bool settle_ends();
    Verdict match_steps(std::string_view path, PathSpan* values, std::size_t known) const;
    static Verdict match_run(const Step& step, std::string_view path, std::size_t& at);
    bool match_program(std::string_view path, PathSpan* values) const;

    std::vector<std::string> names_;
    std::vector<std::string> texts_;
    std::vector<std::string> quoted_;
    std::vector<RegexNode> nodes_;  // of the variables
    std::vector<Step> steps_;       // none: the program decides
    std::string step_texts_;
    std::vector<std::unique_ptr<Bytes>> bytes_;
    RegexProgram program_;
};

}  // namespace aio::web::detail
