// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/testing/failing_allocation.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace aio::testing {
namespace {

struct Counter {
    bool active;
    std::size_t count;
    std::size_t first;  // that fails
    std::size_t last;
};
constinit thread_local Counter counter{};

// One allocation; false if it is to fail.
bool allowed() noexcept {
    if (!counter.active) return true;
    ++counter.count;
    return counter.count < counter.first || counter.count > counter.last;
}

void* take(std::size_t size, std::size_t alignment) noexcept {
    if (size == 0) size = 1;
    if (alignment <= FailingAllocation::kAlignment) return std::malloc(size);
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void check_refill() {
    if (!allowed()) throw std::bad_alloc();
}

}  // namespace

void* FailingAllocation::allocate(std::size_t size, std::size_t alignment) {
    void* block = allowed() ? take(size, alignment) : nullptr;
    if (!block) throw std::bad_alloc();
    return block;
}

void* FailingAllocation::allocate(std::size_t size, std::size_t alignment, const std::nothrow_t&) noexcept {
    return allowed() ? take(size, alignment) : nullptr;
}

struct FailingAllocation::Lists {
    using Block = pool::detail::FreeBlock;

    Lists() noexcept {
        for (std::size_t i = 0; i < pool::kClasses; ++i) {
            free[i] = std::exchange(pool::detail::cache.free[i], nullptr);
        }
    }
    Lists(const Lists&) = delete;
    Lists& operator=(const Lists&) = delete;
    // What was freed in the meantime goes behind.
    ~Lists() {
        for (std::size_t i = 0; i < pool::kClasses; ++i) {
            Block* last = free[i];
            if (!last) continue;
            while (last->next) last = last->next;
            last->next = std::exchange(pool::detail::cache.free[i], free[i]);
        }
    }
    Block* free[pool::kClasses];
};

FailingAllocation::FailingAllocation(std::size_t nth, std::size_t how_many)
    : lists_(counter.active ? nullptr : new Lists) {
    if (!lists_) throw RuntimeError("this thread has a FailingAllocation already");
    if (!available()) {
        delete lists_;
        throw RuntimeError("FailingAllocation needs AIO_REPLACE_OPERATOR_NEW() in the program");
    }
    counter = {true, 0, nth, how_many > 0 ? nth + std::min(how_many, ~std::size_t{0} - nth) - 1 : 0};
    if (how_many == 0) counter.first = ~std::size_t{0};
    pool::detail::set_refill_hook(&check_refill);
}

FailingAllocation::~FailingAllocation() {
    pool::detail::set_refill_hook(nullptr);
    counter.active = false;
    delete lists_;
}

bool FailingAllocation::failed() const noexcept { return counter.count >= counter.first; }

std::size_t FailingAllocation::count() const noexcept { return counter.count; }

bool FailingAllocation::available() noexcept {
    const Counter before = std::exchange(counter, {true, 0, 1, 1});
    void* const block = ::operator new(1, std::nothrow);
    const bool counted = counter.count > 0;
    counter = before;
    ::operator delete(block);
    return counted;
}

}  // namespace aio::testing
