// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace aio::ssl::detail {

/// The most that a record holds.
inline constexpr std::size_t kRecord = 16 * 1024;
/// What a Protocol is given at once.
inline constexpr std::size_t kMostDelivered = 256 * 1024;
/// Above it the protocol is asked to stop writing; a quarter of it is the low mark.
inline constexpr std::size_t kHighMark = 512 * 1024;

/// Memory for what is decrypted, lent by the thread, so that connections need none of their own. Whoever asks
/// while it is lent, TLS in TLS, gets other memory.
class Scratch {
public:
    Scratch() noexcept : memory_(std::exchange(kept(), {})) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        if (memory_.size > kept().size) kept() = std::move(memory_);
    }
    std::span<char> room(std::size_t size) {
        if (memory_.size < size) memory_ = {std::make_unique_for_overwrite<char[]>(size), size};
        return {memory_.bytes.get(), size};
    }

private:
    struct Memory {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };
    static Memory& kept() noexcept {
        static thread_local Memory memory;
        return memory;
    }
    Memory memory_;
};

/// The same for what is encrypted: `output` gets memory, unless it holds something, and gives it back.
class OutputMemory {
public:
    static void lend(std::string& output) noexcept {
        if (output.empty() && output.capacity() < kept().capacity()) output.swap(kept());
    }
    static void take_back(std::string&& output) noexcept {
        if (output.capacity() <= kept().capacity() || output.capacity() > kMostKept) return;
        output.clear();
        kept().swap(output);
    }

private:
    static constexpr std::size_t kMostKept = 256 * 1024;
    static std::string& kept() noexcept {
        static thread_local std::string memory;
        return memory;
    }
};

}  // namespace aio::ssl::detail
