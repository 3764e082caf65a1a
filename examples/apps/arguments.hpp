// SPDX-License-Identifier: MIT
// The command line of the programs in this folder: `--name number` in any order.
#pragma once

#include <aio/aio.hpp>

#include <charconv>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace example {

/// Numbers by name: the defaults, and over them what the command line says.
class Arguments {
public:
    explicit Arguments(std::map<std::string, double, std::less<>> defaults) : numbers_(std::move(defaults)) {}

    /// Takes `--name number` pairs. Throws aio::ValueError for anything else.
    void parse(int count, char** words) {
        for (int i = 0; i < count; i += 2) {
            const std::string_view name(words[i]);
            const auto found = name.starts_with("--") ? numbers_.find(name.substr(2)) : numbers_.end();
            if (found == numbers_.end()) throw aio::ValueError("unknown argument " + std::string(name));
            if (i + 1 == count) throw aio::ValueError(std::string(name) + " needs a number");
            found->second = number(words[i + 1]);
        }
    }

    int integer(std::string_view name) const { return static_cast<int>(numbers_.find(name)->second); }
    aio::Duration seconds(std::string_view name) const {
        return aio::to_duration(std::chrono::duration<double>(numbers_.find(name)->second));
    }
    /// "[--idle 300] [--port 8000]"
    std::string usage() const {
        std::string text;
        for (const auto& [name, number] : numbers_) {
            std::string digits = std::to_string(number);
            digits.erase(digits.find_last_not_of('0') + 1);
            if (digits.ends_with('.')) digits.pop_back();
            text += " [--" + name + ' ' + digits + ']';
        }
        return text;
    }

private:
    static double number(std::string_view text) {
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        if (!whole || !(value >= 0) || value > 1e9) {
            throw aio::ValueError("not a number from 0 to a billion: " + std::string(text));
        }
        return value;
    }

    std::map<std::string, double, std::less<>> numbers_;
};

/// For main(): whether the words could be read. If not, says why and what would be right. `call`: the
/// program's name, and what has to stand before the numbers.
inline bool parse_arguments(Arguments& arguments, std::string_view call, int count, char** words) {
    try {
        arguments.parse(count, words);
        return true;
    } catch (const aio::ValueError& error) {
        std::cerr << call.substr(0, call.find(' ')) << ": " << error.what() << "\nusage: " << call
                  << arguments.usage() << '\n';
        return false;
    }
}

}  // namespace example
