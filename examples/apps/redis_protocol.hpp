// SPDX-License-Identifier: MIT
// RESP, the protocol of Redis, without any input and output: text in, commands or replies out. That makes it
// easy to test, and fast: nothing is awaited for each part of a command.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace redis {

using Command = std::vector<std::string>;

/// The peer does not speak RESP, or wants too much. There is no going on after it.
class ProtocolError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What one peer can make us hold.
inline constexpr std::size_t kMaxLine = 4096;            ///< an inline command, or a line with a length
inline constexpr std::int64_t kMaxArguments = 16384;     ///< of one command
inline constexpr std::int64_t kMaxBulk = 512 * 1024;     ///< one argument
inline constexpr std::size_t kMaxCommand = 1024 * 1024;  ///< all arguments of a command

/// The whole of `text` as a number, or none.
inline std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Takes bytes as they come, in whatever pieces, and gives the commands in them.
class CommandParser {
public:
    void feed(std::string_view data) {
        input_.erase(0, std::exchange(used_, 0));
        input_ += data;
    }

    /// The next command, if the whole of it is there. Throws ProtocolError.
    std::optional<Command> next() {
        while (true) {
            if (bulk_ >= 0) {
                if (input_.size() - used_ < static_cast<std::size_t>(bulk_) + 2) return std::nullopt;
                take_bulk();
                if (--missing_ == 0) return std::exchange(command_, Command());
                continue;
            }
            const std::optional<std::string_view> line = take_line();
            if (!line) return std::nullopt;
            if (missing_ > 0) {
                begin_bulk(*line);
            } else if (line->starts_with('*')) {
                missing_ = length(line->substr(1), kMaxArguments, "multibulk");
                size_ = 0;
            } else if (Command words = split(*line); !words.empty()) {
                return words;
            }
        }
    }

private:
    std::optional<std::string_view> take_line() {
        const std::string_view rest = std::string_view(input_).substr(used_);
        const std::size_t end = rest.find('\n');
        if (end > kMaxLine && rest.size() > kMaxLine) throw ProtocolError("too big a line");
        if (end == std::string_view::npos) return std::nullopt;
        used_ += end + 1;
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

    void begin_bulk(std::string_view line) {
        if (!line.starts_with('$')) throw ProtocolError("expected '$' before an argument");
        bulk_ = length(line.substr(1), kMaxBulk, "bulk");
        size_ += static_cast<std::size_t>(bulk_);
        if (size_ > kMaxCommand) throw ProtocolError("too big a command");
    }

    void take_bulk() {
        const auto size = static_cast<std::size_t>(std::exchange(bulk_, -1));
        if (input_.compare(used_ + size, 2, "\r\n") != 0) throw ProtocolError("expected a new line");
        command_.emplace_back(input_, used_, size);
        used_ += size + 2;
    }

    static std::int64_t length(std::string_view digits, std::int64_t most, const std::string& what) {
        const std::optional<std::int64_t> value = to_integer(digits);
        if (!value || *value < 0 || *value > most) throw ProtocolError("invalid " + what + " length");
        return *value;
    }

    static Command split(std::string_view line) {
        Command words;
        while (true) {
            const std::size_t begin = line.find_first_not_of(" \t");
            if (begin == std::string_view::npos) return words;
            line.remove_prefix(begin);
            const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
            words.emplace_back(line.substr(0, end));
            line.remove_prefix(end);
        }
    }

    std::string input_;
    std::size_t used_ = 0;      // of input_
    Command command_;           // what there is of it
    std::int64_t missing_ = 0;  // arguments of it
    std::int64_t bulk_ = -1;    // size of the argument that comes next, if it is known
    std::size_t size_ = 0;      // of all arguments
};

/// A command as clients send it.
inline std::string encode(const Command& command) {
    std::string text = '*' + std::to_string(command.size()) + "\r\n";
    for (const std::string& argument : command) {
        text += '$' + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
    }
    return text;
}

/// Replies, one behind the other, until they are taken and sent together.
class Replies {
public:
    void status(std::string_view text) { line('+', text); }
    void error(std::string text) {
        for (char& letter : text) {
            if (letter == '\r' || letter == '\n') letter = ' ';  // it may quote what the client sent
        }
        line('-', text);
    }
    void integer(std::int64_t value) { line(':', std::to_string(value)); }
    void bulk(std::string_view text) {
        line('$', std::to_string(text.size()));
        text_.append(text).append("\r\n");
    }
    void nil() { text_ += "$-1\r\n"; }
    /// Followed by so many others.
    void array(std::size_t size) { line('*', std::to_string(size)); }

    bool empty() const noexcept { return text_.empty(); }
    std::string take() { return std::exchange(text_, std::string()); }

private:
    void line(char kind, std::string_view text) { (text_ += kind).append(text).append("\r\n"); }

    std::string text_;
};

}  // namespace redis
