// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/task/detail/optional_ref.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio {

/// A plain generator: a function that uses co_yield and runs only as far as its values are asked for.
/// Mirrors Python's generators, without send().
///
/// Ask with next(), which gives nothing at the end, or iterate with a range-based for. A value that is
/// yielded by name is copied, so the generator keeps its own. Destroying the generator destroys what its
/// body holds; GeneratorExit is for async generators only. A Generator<T&> gives references, and next() an
/// optional of one.
template <class T>
class [[nodiscard("a generator does nothing until it is iterated")]] Generator {
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
        template <class U = T>
            requires(!std::is_reference_v<T> && std::convertible_to<U &&, T>)
        std::suspend_always yield_value(U&& value) {
            value_.emplace(std::forward<U>(value));
            return {};
        }
        // What is converted for a reference lives as long as the co_yield.
        std::suspend_always yield_value(T value)
            requires std::is_reference_v<T>
        {
            value_.emplace(value);
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() noexcept { error_ = std::current_exception(); }
        void await_transform() = delete;  // a plain generator cannot wait; see AsyncGenerator

    private:
        friend class Generator;
        detail::optional_of<T> value_;
        std::exception_ptr error_;
        bool running_ = false;
        bool orphaned_ = false;  // the handle was destroyed by the body itself
    };

    class Iterator {
    public:
        using value_type = std::remove_cvref_t<T>;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(Generator* generator) noexcept : generator_(generator) {}
        T& operator*() const noexcept { return *generator_->frame_.promise().value_; }
        Iterator& operator++() {
            generator_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        // A member: to g++ 12 a friend of this class is none of the generator's.
        bool operator==(std::default_sentinel_t) const noexcept { return generator_->ended(); }

    private:
        Generator* generator_;
    };

    Generator(Generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Generator& operator=(Generator&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Generator() {
        if (!frame_) return;
        if (frame_.promise().running_) {
            frame_.promise().orphaned_ = true;  // advance() destroys it when the body lets go
        } else {
            frame_.destroy();
        }
    }

    /// Runs to the next co_yield and gives its value; nothing when the generator has ended. Throws
    /// what the generator throws, and ValueError if its own body asks.
    detail::optional_of<T> next() {
        if (!advance()) return std::nullopt;
        return detail::optional_of<T>(*std::move(frame_.promise().value_));
    }

    /// Iteration starts, or goes on, with the next value.
    Iterator begin() {
        advance();
        return Iterator(this);
    }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    explicit Generator(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    bool ended() const noexcept { return !frame_ || frame_.done(); }
    bool advance() {
        if (ended()) return false;
        const auto frame = frame_;  // from here on *this may be gone
        promise_type& promise = frame.promise();
        if (promise.running_) throw ValueError("generator already executing");
        promise.running_ = true;
        frame.resume();
        promise.running_ = false;
        const std::exception_ptr error = std::exchange(promise.error_, nullptr);
        const bool value_is_wanted = !promise.orphaned_ && !frame.done();
        if (promise.orphaned_) frame.destroy();
        if (error) std::rethrow_exception(error);
        return value_is_wanted;
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
