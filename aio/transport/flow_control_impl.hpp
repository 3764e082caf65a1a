// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/transport.hpp>

#include <cstddef>
#include <optional>

namespace aio::detail {

/// The marks of a write buffer, and whether its protocol was told to pause. The transport tells it.
class FlowControl {
public:
    const WriteBufferLimits& limits() const noexcept { return limits_; }
    void set_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) {
        limits_ = checked_limits(high, low);
    }

    /// The buffer has grown to `size`: whether pause_writing() is due. If it is, it counts as called.
    bool pauses_at(std::size_t size) noexcept {
        if (paused_ || size <= limits_.high) return false;
        return paused_ = true;
    }
    /// The buffer has shrunk to `size`: whether resume_writing() is due. If it is, it counts as called.
    bool resumes_at(std::size_t size) noexcept {
        if (!paused_ || size > limits_.low) return false;
        paused_ = false;
        return true;
    }

private:
    WriteBufferLimits limits_ = kDefaultLimits;
    bool paused_ = false;
};

}  // namespace aio::detail
