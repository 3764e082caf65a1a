// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/copyable.hpp>
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/concurrent/future.hpp>
#include <aio/task/future.hpp>

#include <atomic>
#include <exception>
#include <string>
#include <utility>

namespace aio {
namespace concurrent::detail {

/// An error of this module as asyncio's error of the same name; others unchanged.
std::exception_ptr convert_error(const std::exception_ptr& error) noexcept;

/// Carries the result of a thread future to a future of a loop, and the cancellation of the latter back.
///
/// It is a callback of the thread future, and runs in the loop when the loop's future is done.
class Bridge : public LoopItem, public Callback {
public:
    void connect(Ref<FutureState> source, const Ref<aio::detail::FutureBase>& destination);

    void done(FutureState& source) final;
    void drop() noexcept final { release(); }
    void detach() noexcept final;
    std::string repr() const final { return "<Handle wrap_future>"; }

protected:
    /// `consume`: nobody else has a handle of the thread future, so its value is moved.
    explicit Bridge(bool consume) noexcept : consume_(consume) {}
    ~Bridge() = default;
    /// The source has a value, the destination waits for it.
    virtual void copy_value(FutureState& source, aio::detail::FutureBase& destination) = 0;

    const bool consume_;

private:
    // Runs, as asyncio's callback, a turn after the loop's future is done.
    class CancelCheck final : public aio::detail::Runnable {
    public:
        explicit CancelCheck(Bridge& owner) noexcept : owner_(owner) {}
        void run() override;
        aio::detail::CallbackNode node{*this};
        bool ran = false;

    private:
        Bridge& owner_;
    };

    void arrive() final;
    void disconnect() noexcept;

    Ref<FutureState> source_;
    Ref<aio::detail::FutureBase> destination_;
    CancelCheck check_{*this};
};

template <class T>
class BridgeOf final : public Bridge {
public:
    explicit BridgeOf(bool consume) noexcept : Bridge(consume) {}

private:
    void copy_value(FutureState& source, aio::detail::FutureBase& destination) override {
        auto& to = static_cast<aio::detail::FutureValue<T>&>(destination);
        if constexpr (std::is_void_v<T>) {
            to.set_result();
        } else {
            T& value = static_cast<FutureValue<T>&>(source).value();
            if constexpr (aio::detail::is_copyable<T>()) {
                if (!consume_) {
                    to.set_result(std::as_const(value));
                    return;
                }
            }
            to.set_result(std::move(value));
        }
    }
    void destroy() noexcept override { delete this; }
};

template <class T>
aio::Future<T> bridge(const Future<T>& source, EventLoop& loop, bool consume) {
    source.state("wrap_future()");
    aio::Future<T> destination = loop.create_future<T>();
    auto* made = new BridgeOf<T>(consume);
    made->connect(source.state(), destination.state());
    return destination;
}

/// wrap_future() of a future that nobody else knows.
template <class T>
aio::Future<T> wrap_result(const Future<T>& source, EventLoop& loop) {
    return bridge(source, loop, true);
}

}  // namespace concurrent::detail

/// A future of `loop` that mirrors a thread future: result and error come over, two iterations after the
/// thread future is done, and cancelling the returned future cancels the other, an iteration later, unless
/// that runs already. The value is copied, or moved if it cannot be copied. Mirrors asyncio.wrap_future()
/// (S27).
///
/// The loop's thread only; the thread future may be finished by any.
template <class T>
Future<T> wrap_future(const concurrent::Future<T>& future, EventLoop& loop = get_event_loop()) {
    return concurrent::detail::bridge(future, loop, false);
}
/// A loop's future comes back unchanged.
template <class T>
Future<T> wrap_future(const Future<T>& future) {
    return future;
}

}  // namespace aio
