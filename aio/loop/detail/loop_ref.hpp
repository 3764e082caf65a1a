// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/ref.hpp>
#include <aio/loop/event_loop.hpp>

#include <new>
#include <utility>

namespace aio::detail {

[[noreturn]] void raise_copied_elsewhere();
/// Inbox::post().
bool post_to(EventLoop& loop, PostedItem& item) noexcept;

/// A reference to what belongs to a loop, as handles hold it: its count is for the loop's thread only.
///
/// While that runs the loop, another thread may move the reference; to copy it throws RuntimeError there; and
/// what is dropped there goes to the loop, which drops it in its thread.
template <class T>
class LoopRef : public Ref<T> {
public:
    LoopRef() noexcept = default;
    LoopRef(Ref<T> ref) noexcept : Ref<T>(std::move(ref)) {}  // NOLINT(google-explicit-constructor)
    LoopRef(const LoopRef& other) : Ref<T>(other.countable()) {}
    LoopRef(LoopRef&& other) noexcept = default;
    LoopRef& operator=(LoopRef other) noexcept {
        std::swap(static_cast<Ref<T>&>(*this), static_cast<Ref<T>&>(other));
        return *this;
    }
    ~LoopRef() {
        if (elsewhere()) [[unlikely]]
            drop();
    }

private:
    struct Dropped final : PostedItem {
        explicit Dropped(Ref<T>&& given) noexcept : ref(std::move(given)) {}
        void run() override { delete this; }
        void discard() noexcept override { delete this; }
        Ref<T> ref;
    };

    // The cheap question first: nearly always the loop's own thread asks.
    bool elsewhere() const noexcept {
        const T* object = this->get();
        return object && here.loop != &object->loop() && object->loop().runs_elsewhere();
    }
    const Ref<T>& countable() const {
        if (elsewhere()) [[unlikely]]
            raise_copied_elsewhere();
        return *this;
    }
    [[gnu::cold, gnu::noinline]] void drop() noexcept {
        Ref<T>& ref = *this;
        auto* dropped = new (std::nothrow) Dropped(std::move(ref));
        if (!dropped || post_to(dropped->ref->loop(), *dropped)) return;
        ref = std::move(dropped->ref);  // it has closed since
        delete dropped;
    }
};

}  // namespace aio::detail
