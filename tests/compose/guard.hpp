// SPDX-License-Identifier: MIT
#pragma once

namespace aio::tests {

/// Counts how many of its copies live: what a frame holds is destroyed exactly once.
class Guard {
public:
    explicit Guard(int& alive) : alive_(&alive) { ++*alive_; }
    Guard(const Guard& other) : alive_(other.alive_) { ++*alive_; }
    Guard& operator=(const Guard&) = delete;
    ~Guard() { --*alive_; }

private:
    int* alive_;
};

}  // namespace aio::tests
