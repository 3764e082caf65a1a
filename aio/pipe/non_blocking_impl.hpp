// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

namespace aio::detail {

class HeldDevice;

/// One of those who need an open file of others not to block: standard input and output that are one terminal
/// are two. The last one of a device to go gives its files back the modes that they had; not in a forked
/// child, whose parent uses them still.
///
/// Threads: any.
class NonBlocking {
public:
    NonBlocking() noexcept = default;  ///< of nothing
    /// Of nothing either, if `fd` did not block before. Throws OSError.
    explicit NonBlocking(int fd);
    NonBlocking(NonBlocking&& other) noexcept : device_(std::exchange(other.device_, nullptr)) {}
    NonBlocking& operator=(NonBlocking&& other) noexcept {
        const NonBlocking old(std::move(*this));
        device_ = std::exchange(other.device_, nullptr);
        return *this;
    }
    ~NonBlocking() { release(); }

    /// Whether it holds something.
    explicit operator bool() const noexcept { return device_ != nullptr; }
    void release() noexcept;

private:
    HeldDevice* device_ = nullptr;
};

}  // namespace aio::detail
