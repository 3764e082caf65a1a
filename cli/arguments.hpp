// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::cli {

/// What was asked for cannot be: the message, and exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An option of a command: --name and -letter.
struct Option {
    std::string_view name;
    char letter;             ///< 0 for none
    std::string_view value;  ///< what stands for its value in the help; empty if it has none
    std::string_view help;
};

/// The words behind a command: options, in any order, and the others.
class Arguments {
public:
    /// Throws UsageError for an option that is not among these, and for one whose value is missing.
    Arguments(std::span<const Option> options, std::span<char* const> words);

    bool has(std::string_view name) const;
    /// The last value that was given.
    std::optional<std::string> get(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
    /// Throw UsageError for what is no number from `least` on, or no time such as "10", "0.5s", "200ms",
    /// "2m".
    std::optional<std::size_t> number(std::string_view name, std::size_t least = 1) const;
    std::optional<std::chrono::nanoseconds> duration(std::string_view name) const;
    /// What is not an option.
    const std::vector<std::string>& words() const noexcept { return words_; }
    /// The same if there is exactly one; UsageError, which says `what`, if not.
    const std::string& only_word(std::string_view what) const;

private:
    std::size_t take(std::span<const Option> options, std::span<char* const> words, std::size_t at);

    std::vector<std::pair<std::string_view, std::string>> given_;
    std::vector<std::string> words_;
};

/// "A: b", as headers are given. Throws UsageError.
std::pair<std::string, std::string> header_of(const std::string& text);

}  // namespace aio::cli
