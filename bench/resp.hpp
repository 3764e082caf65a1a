// SPDX-License-Identifier: MIT
// As much of Redis as redis-benchmark needs for SET and GET; what the servers of pipelined commands share.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace resp {

/// A command that stands whole in somebody's buffer: "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".
struct Command {
    std::array<std::string_view, 3> words;
    std::size_t count = 0;
    std::size_t size = 0;  ///< bytes that it takes; 0 if not all of it is there
};

/// A number and "\r\n" behind the letter at `at`, which moves behind them; -1 if they are not all there.
inline long number(std::string_view data, std::size_t& at) {
    long value = 0;
    for (std::size_t i = at + 1; i < data.size(); ++i) {
        if (data[i] == '\r') {
            at = i + 2;
            return at <= data.size() ? value : -1;
        }
        value = value * 10 + (data[i] - '0');
    }
    return -1;
}

inline Command first_command(std::string_view data) {
    Command command;
    std::size_t at = 0;
    const long count = number(data, at);
    for (long i = 0; i < count; ++i) {
        const long size = at < data.size() ? number(data, at) : -1;
        if (size < 0 || at + static_cast<std::size_t>(size) + 2 > data.size()) return {};
        if (command.count < command.words.size()) {
            command.words[command.count++] = data.substr(at, static_cast<std::size_t>(size));
        }
        at += static_cast<std::size_t>(size) + 2;
    }
    command.size = count < 0 ? 0 : at;
    return command;
}

class Store {
public:
    /// The reply to a command, in memory that the next call uses again.
    const std::string& execute(const Command& command) {
        const std::string_view name = command.words[0];
        if (name == "SET" && command.count == 3) {
            const auto found = values_.find(command.words[1]);
            if (found != values_.end()) {
                found->second = command.words[2];
            } else {
                values_.emplace(command.words[1], command.words[2]);
            }
            return reply_ = "+OK\r\n";
        }
        if (name == "GET" && command.count == 2) {
            const auto found = values_.find(command.words[1]);
            if (found == values_.end()) return reply_ = "$-1\r\n";
            reply_ = "$" + std::to_string(found->second.size());
            return reply_.append("\r\n").append(found->second).append("\r\n");
        }
        return reply_ = name == "PING" ? "+PONG\r\n" : "*0\r\n";  // CONFIG GET, as redis-benchmark asks first
    }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, std::string, Hash, std::equal_to<>> values_;
    std::string reply_;
};

}  // namespace resp
