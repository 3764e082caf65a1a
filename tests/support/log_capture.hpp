// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/log.hpp>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {

/// Collects what the library logs while it lives, and puts the earlier handler back.
class LogCapture {
public:
    LogCapture()
        : previous_(set_log_handler([this](LogLevel level, std::string_view message) {
              const std::lock_guard lock(mutex_);
              levels_.push_back(level);
              messages_.emplace_back(message);
          })) {}
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture() { set_log_handler(previous_); }

    std::vector<std::string> messages() const {
        const std::lock_guard lock(mutex_);
        return messages_;
    }
    std::vector<LogLevel> levels() const {
        const std::lock_guard lock(mutex_);
        return levels_;
    }
    std::vector<std::string> first_lines() const {
        std::vector<std::string> lines;
        for (const std::string& message : messages()) lines.push_back(message.substr(0, message.find('\n')));
        return lines;
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        messages_.clear();
        levels_.clear();
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> messages_;
    std::vector<LogLevel> levels_;
    LogHandler previous_;
};

}  // namespace aio::tests
