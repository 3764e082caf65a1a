// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <exception>
#include <initializer_list>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {

/// Text of a value as Python's print() would show it: booleans as True and False, containers of
/// anything as "[a, b]", everything else through operator<<.
template <class T>
std::string py(const T& value) {
    if constexpr (std::same_as<T, bool>) {
        return value ? "True" : "False";
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return std::string(std::string_view(value));
    } else if constexpr (std::ranges::input_range<const T&>) {
        std::string text = "[";
        for (const auto& item : value) text += (text.size() > 1 ? ", " : "") + py(item);
        return text + "]";
    } else {
        std::ostringstream stream;
        stream << value;
        return stream.str();
    }
}

/// "[1, 2, 3]" from a braced list.
template <class T>
std::string py(std::initializer_list<T> values) {
    return py(std::vector<T>(values));
}

/// Collects what a scenario prints, so that a conformance test can compare the whole outcome with
/// the text of semantics.md. Each call is one line, its words are separated by blanks:
///
///     Trace trace;
///     trace("done", 1, true);
///     EXPECT_EQ(trace.text(), "done 1 True\n");
///
/// Threads: not synchronised; one thread only.
class Trace {
public:
    /// print(words...)
    template <class... Words>
    void operator()(const Words&... words) {
        std::string line;
        ((line += py(words) + " "), ...);
        if (!line.empty()) line.pop_back();
        lines_.push_back(std::move(line));
    }

    const std::vector<std::string>& lines() const noexcept { return lines_; }
    bool empty() const noexcept { return lines_.empty(); }
    void clear() noexcept { lines_.clear(); }

    /// Every line with its line feed, as on a terminal.
    std::string text() const {
        std::string text;
        for (const std::string& line : lines_) text += line + "\n";
        return text;
    }

    /// The lines on one line: "a | b | c".
    std::string joined(std::string_view separator = " | ") const {
        std::string text;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (i > 0) text += separator;
            text += lines_[i];
        }
        return text;
    }

    /// A callable that prints `words` when it is called, for call_soon() and its kin.
    template <class... Words>
    auto later(Words... words) {
        return [this, ... words = std::move(words)] { (*this)(words...); };
    }

private:
    std::vector<std::string> lines_;
};

/// Calls fn() and returns the what() of the E it throws; "no exception" or "another exception"
/// otherwise, so that EXPECT_EQ with the expected message tests type and text at once.
template <class E, class F>
std::string thrown(F&& fn) {
    try {
        std::forward<F>(fn)();
    } catch (const E& e) {
        if constexpr (requires { e.what(); }) {
            return e.what();
        } else if constexpr (requires { e.message(); }) {
            return std::string(e.message());
        } else {
            return "";
        }
    } catch (...) {
        return "another exception";
    }
    return "no exception";
}

}  // namespace aio::tests
