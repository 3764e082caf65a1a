// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/detail/plain_callback.hpp>
#include <aio/loop/handle.hpp>
#include <aio/task/detail/future_state.hpp>

#include <concepts>
#include <type_traits>
#include <typeinfo>

namespace aio {
namespace detail {

/// A callable registered with a future. The future's list, then the ready queue, holds one reference.
class DoneCallbackState : public HandleState {
public:
    CallbackNode node{*this, true};

    /// Whether it was registered as a callable equal to `*fn`, which is of type `type`. The comparison is the
    /// user's.
    virtual bool matches(const std::type_info& type, const void* fn) const = 0;

protected:
    DoneCallbackState(FutureBase& future, ContextSlot&& context) noexcept
        : HandleState(future.loop(), std::move(context), Kind::once), future_(&future) {}
    ~DoneCallbackState() {
        if (node.queued && future_) future_->release();  // discarded before it ran
    }
    /// Takes over the reference that queueing took.
    Ref<FutureBase> take_future() noexcept { return Ref<FutureBase>::adopt(std::exchange(future_, nullptr)); }

private:
    FutureBase* future_;  // counted from the moment the node is queued
};

// Python compares callables; C++ can where there is == or where there is no state to compare.
template <class F>
bool same_callable(const F& a, const F& b) {
    if constexpr (std::equality_comparable<F>) {
        return a == b;
    } else {
        (void)a;
        (void)b;
        return std::is_empty_v<F>;
    }
}

template <class FutureHandle, class F, class Arguments>
class DoneCallbackOf final : public DoneCallbackState, public pool::Pooled {
public:
    template <class G, class... Given>
    DoneCallbackOf(FutureBase& future, ContextSlot&& context, G&& fn, Given&&... args)
        : DoneCallbackState(future, std::move(context)),
          fn_(std::in_place, std::forward<G>(fn)),
          args_(std::in_place, std::forward<Given>(args)...) {}

    bool matches(const std::type_info& type, const void* fn) const override {
        return type == typeid(F) && fn_ && same_callable(*fn_, *static_cast<const F*>(fn));
    }

private:
    void invoke() override {
        FutureHandle handle = FutureHandle::from_state(take_future());
        std::apply([&](auto&... args) { detail::invoke(*fn_, args..., std::move(handle)); }, *args_);
    }
    void destroy_callable() noexcept override {
        fn_.reset();
        args_.reset();
    }
    void destroy() noexcept override { delete this; }
    const std::type_info& callable_type() const noexcept override { return typeid(F); }

    std::optional<F> fn_;
    std::optional<Arguments> args_;
};

}  // namespace detail

/// A registered done callback; give it to remove_done_callback() to take that one back.
class DoneCallback {
public:
    DoneCallback() noexcept = default;
    explicit DoneCallback(Ref<detail::DoneCallbackState> state) noexcept : state_(std::move(state)) {}
    const Ref<detail::DoneCallbackState>& state() const noexcept { return state_; }

private:
    Ref<detail::DoneCallbackState> state_;
};

namespace detail {

template <class FutureHandle, class F, class... Args>
DoneCallback add_done_callback(const FutureHandle& future, ContextSlot&& context, F&& fn, Args&&... args) {
    if constexpr (is_done_callback<FutureHandle, std::decay_t<F>, std::decay_t<Args>...>()) {
        using State = DoneCallbackOf<FutureHandle, std::decay_t<F>, kept_tuple_t<F, 0, false, Args...>>;
        FutureBase& of = future.state_for_change("Future.add_done_callback()");
        auto* state = new State(of, std::move(context), std::forward<F>(fn), std::forward<Args>(args)...);
        of.add_node(state->node);
        return DoneCallback(Ref<DoneCallbackState>::adopt(state));
    } else {
        return DoneCallback();
    }
}

std::size_t remove_done_callback(FutureBase& future, const DoneCallback& callback);
std::size_t remove_equal_callbacks(FutureBase& future, const std::type_info& type, const void* fn);

template <class F>
std::size_t remove_done_callback(FutureBase& future, const F& fn) {
    using Stored = std::decay_t<F>;
    static_assert(std::equality_comparable<Stored> || std::is_empty_v<Stored>,
                  "this callable cannot be compared: keep what add_done_callback() returns and give that");
    const Stored& stored = fn;
    return remove_equal_callbacks(future, typeid(Stored), &stored);
}

}  // namespace detail
}  // namespace aio
