// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/pool.hpp>

#include <coroutine>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace aio {

/// A plain generator: a function that uses co_yield and runs only as far as its values are asked for.
/// Mirrors Python's generators, without send().
///
/// Ask with next(), which gives nothing at the end, or iterate with a range-based for.
template <class T>
class [[nodiscard]] Generator {
public:
    class promise_type {
    public:
        static void* operator new(std::size_t size) { return pool::allocate(size); }
        static void operator delete(void* frame, std::size_t size) noexcept { pool::deallocate(frame, size); }

        Generator get_return_object() noexcept {
            return Generator(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        std::suspend_always yield_value(T& value) noexcept {
            value_ = std::addressof(value);
            return {};
        }
        std::suspend_always yield_value(T&& value) noexcept {
            value_ = std::addressof(value);  // lives in the frame until the generator goes on
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() noexcept { error_ = std::current_exception(); }
        void await_transform() = delete;  // a plain generator cannot wait; see AsyncGenerator

    private:
        friend class Generator;
        T* value_ = nullptr;
        std::exception_ptr error_;
    };

    class Iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(Generator* generator) noexcept : generator_(generator) {}
        T& operator*() const noexcept { return *generator_->frame_.promise().value_; }
        Iterator& operator++() {
            generator_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return generator_->frame_.done(); }

    private:
        Generator* generator_;
    };

    Generator(Generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Generator& operator=(Generator&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Generator() {
        if (frame_) frame_.destroy();
    }

    /// Runs to the next co_yield and gives its value; nothing when the generator has ended. Throws
    /// what the generator throws.
    std::optional<T> next() {
        if (!advance()) return std::nullopt;
        return std::move(*frame_.promise().value_);
    }

    /// Iteration starts, or goes on, with the next value.
    Iterator begin() {
        advance();
        return Iterator(this);
    }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    explicit Generator(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    bool advance() {
        if (frame_.done()) return false;
        frame_.resume();
        if (std::exception_ptr error = std::exchange(frame_.promise().error_, nullptr)) {
            std::rethrow_exception(std::move(error));
        }
        return !frame_.done();
    }
    std::coroutine_handle<promise_type> frame_;
};

/// The next value of a generator, or of anything with next(). Mirrors Python's next(), with an empty
/// optional for StopIteration.
template <class G>
auto next(G& generator) {
    return generator.next();
}

}  // namespace aio
