// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include <algorithm>
#include <charconv>

namespace aio::cli {
namespace {

const Option& find(std::span<const Option> options, std::string_view name, char letter) {
    for (const Option& option : options)
        if (letter ? option.letter == letter : option.name == name) return option;
    const std::string asked = letter ? std::string("-") + letter : "--" + std::string(name);
    throw UsageError("there is no option " + asked);
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

Arguments::Arguments(std::span<const Option> options, std::span<char* const> words) {
    for (std::size_t i = 0; i < words.size();) {
        const std::string_view word = words[i];
        if (word == "--") {
            words_.insert(words_.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            return;
        }
        if (word.size() > 1 && word[0] == '-') {
            i += take(options, words, i);
        } else {
            words_.emplace_back(word);
            ++i;
        }
    }
}

/// An option, or several letters; gives how many words it has.
std::size_t Arguments::take(std::span<const Option> options, std::span<char* const> words, std::size_t at) {
    std::string_view word = words[at];
    const auto value_of = [&](const Option& option, std::string_view rest, bool joined) -> std::size_t {
        if (joined) {
            given_.emplace_back(option.name, rest);
            return 1;
        }
        if (at + 1 >= words.size())
            throw UsageError("--" + std::string(option.name) + " needs " + std::string(option.value));
        given_.emplace_back(option.name, words[at + 1]);
        return 2;
    };
    if (word.starts_with("--")) {
        word.remove_prefix(2);
        const std::size_t equals = word.find('=');
        const Option& option = find(options, word.substr(0, equals), 0);
        if (!option.value.empty()) {
            const bool joined = equals != word.npos;
            return value_of(option, joined ? word.substr(equals + 1) : std::string_view(), joined);
        }
        if (equals != word.npos) throw UsageError("--" + std::string(option.name) + " has no value");
        given_.emplace_back(option.name, "");
        return 1;
    }
    for (word.remove_prefix(1); !word.empty(); word.remove_prefix(1)) {
        const Option& option = find(options, {}, word[0]);
        if (!option.value.empty()) return value_of(option, word.substr(1), word.size() > 1);
        given_.emplace_back(option.name, "");
    }
    return 1;
}

bool Arguments::has(std::string_view name) const {
    return std::ranges::any_of(given_, [&](const auto& given) { return given.first == name; });
}

std::optional<std::string> Arguments::get(std::string_view name) const {
    std::vector<std::string> values = all(name);
    if (values.empty()) return std::nullopt;
    return std::move(values.back());
}

std::vector<std::string> Arguments::all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [given, value] : given_)
        if (given == name) values.push_back(value);
    return values;
}

std::optional<std::size_t> Arguments::number(std::string_view name, std::size_t least) const {
    const auto text = get(name);
    if (!text) return std::nullopt;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size() || number < least)
        throw UsageError("--" + std::string(name) + " is a number of at least " + std::to_string(least) +
                         ", not " + quoted(*text));
    return number;
}

std::optional<std::chrono::nanoseconds> Arguments::duration(std::string_view name) const {
    const auto text = get(name);
    if (!text) return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text->data() + text->size() - end));
    const double seconds = unit.empty() || unit == "s" ? 1
                           : unit == "ms"              ? 0.001
                           : unit == "m"               ? 60
                           : unit == "h"               ? 3600
                                                       : 0;
    if (error != std::errc() || seconds == 0 || !(number > 0) || number * seconds > 1e9)
        throw UsageError("--" + std::string(name) + " is a time such as 10s, 200ms or 2m, not " +
                         quoted(*text));
    return std::chrono::nanoseconds(static_cast<std::int64_t>(number * seconds * 1e9));
}

const std::string& Arguments::only_word(std::string_view what) const {
    if (words_.size() == 1) return words_.front();
    throw UsageError(words_.empty()
                         ? "where is the " + std::string(what) + "?"
                         : "one " + std::string(what) + " at a time, not also " + quoted(words_[1]));
}

std::pair<std::string, std::string> header_of(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == text.npos) throw UsageError("a header is 'Name: value', not " + quoted(text));
    const std::size_t begin = text.find_first_not_of(' ', colon + 1);
    return {text.substr(0, colon), begin == text.npos ? "" : text.substr(begin)};
}

}  // namespace aio::cli
