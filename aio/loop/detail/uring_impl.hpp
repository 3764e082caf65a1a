// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>

#include <cstddef>
#include <cstdint>

struct io_uring_cqe;
struct io_uring_sqe;

namespace aio::detail {

/// An io_uring, and the buffers that the kernel chooses from when it receives. By system calls alone.
///
/// Rules:
/// 1. It belongs to the thread that first enters it, for which the kernel needs neither locks nor interrupts.
/// 2. What the kernel writes to is not inherited by a forked child, so that it stays the parent's.
class Uring {
public:
    static constexpr unsigned kSubmissions = 1024;
    static constexpr unsigned kCompletions = 8192;
    static constexpr unsigned kBufferGroup = 0;
    static constexpr unsigned kBuffers = 64;  ///< a power of two
    static constexpr unsigned kBufferSize = 64 * 1024;

    Uring();  // Throws OSError where the kernel refuses.
    Uring(const Uring&) = delete;
    Uring& operator=(const Uring&) = delete;
    ~Uring();
    /// In a forked child: leaves alone what is not there.
    void leave_to_parent() noexcept;
    /// The kernel may still receive: the buffers stay for good.
    void abandon_buffers() noexcept { buffers_ = nullptr; }
    bool is_another_threads() const noexcept;

    /// Room for one operation, all zero; null if there is none before the next enter().
    io_uring_sqe* next() noexcept;
    /// Submits, and waits until there is a completion or `timeout` has passed (negative: for ever). False if
    /// the ring is another thread's. Throws OSError.
    bool enter(Duration timeout);
    /// As enter(); gives 0 or an errno.
    int try_enter(Duration timeout = Duration::zero()) noexcept;

    /// Calls `handle(user_data, result, flags)` for each completion that is there. Tells whether there was
    /// one.
    template <class F>
    bool reap(F&& handle);

    /// Makes the buffers, the first time. False if the ring is another thread's. Throws OSError.
    bool need_buffers();
    int descriptor() const noexcept { return fd_; }
    char* buffer(unsigned id) const noexcept { return buffers_ + std::size_t{id} * kBufferSize; }
    void give_back(unsigned id) noexcept;

private:
    struct Completion {
        std::uint64_t user_data;
        int result;
        std::uint32_t flags;
    };

    void set_up();
    void find_rings(const void* parameters) noexcept;
    bool register_buffers();
    void unmap() noexcept;
    bool take(Completion& completion) noexcept;

    int fd_ = -1;
    bool enabled_ = false;
    int owner_ = 0;  ///< the thread, once it is enabled
    char* rings_ = nullptr;
    std::size_t rings_size_ = 0;
    io_uring_sqe* sqes_ = nullptr;
    unsigned* sq_head_ = nullptr;
    unsigned* sq_tail_ = nullptr;
    unsigned sq_mask_ = 0;
    unsigned tail_ = 0;  ///< of what is filled in
    unsigned* cq_head_ = nullptr;
    unsigned* cq_tail_ = nullptr;
    unsigned cq_mask_ = 0;
    io_uring_cqe* cqes_ = nullptr;

    bool registered_ = false;
    char* buffer_ring_ = nullptr;
    std::uint16_t buffer_tail_ = 0;
    char* buffers_ = nullptr;
};

template <class F>
bool Uring::reap(F&& handle) {
    bool any = false;
    for (Completion completion; take(completion); any = true) {
        handle(completion.user_data, completion.result, completion.flags);
    }
    return any;
}

}  // namespace aio::detail
