// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace aio::tests {

/// Tells whether a callable that captured a token() still exists.
class Lifetime {
public:
    std::shared_ptr<int> token() const { return life_; }
    bool over() const noexcept { return life_.use_count() == 1; }
    long holders() const noexcept { return life_.use_count() - 1; }

private:
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

/// Calls a function when it is destroyed; for tests of destructors that come back to the loop.
class AtEnd {
public:
    explicit AtEnd(std::function<void()> action) : action_(std::move(action)) {}
    AtEnd(AtEnd&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
    AtEnd& operator=(AtEnd&&) = delete;
    ~AtEnd() {
        if (action_) action_();
    }

private:
    std::function<void()> action_;
};

}  // namespace aio::tests
