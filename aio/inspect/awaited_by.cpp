// SPDX-License-Identifier: MIT
#include <aio/inspect/awaited_by.hpp>

#include <unordered_set>

namespace aio {
namespace {

// In the future's list of callbacks, so that nobody pays for it but those who use it. Deletes itself when
// the future is done or dies.
class AwaitedBy final : public detail::Runnable {
public:
    AwaitedBy(detail::FutureBase& future, Ref<detail::FutureBase> waiter) : waiter_(std::move(waiter)) {
        future.add_node(node_);
    }
    void remove_from(detail::FutureBase& future) {
        future.remove_node(node_);
        delete this;
    }
    void run() override { delete this; }
    void discard() noexcept override { delete this; }
    std::string repr() const override { return "future_add_to_awaited_by()"; }
    detail::FutureBase* awaiter() noexcept override { return waiter_.get(); }

private:
    detail::CallbackNode node_{*this};
    Ref<detail::FutureBase> waiter_;
};

AwaitedBy* find(const detail::FutureBase& future, const detail::FutureBase& waiter) {
    AwaitedBy* found = nullptr;
    future.nodes().for_each([&](const detail::CallbackNode& node) {
        auto* link = dynamic_cast<AwaitedBy*>(node.target);
        if (link && link->awaiter() == &waiter) found = link;
    });
    return found;
}

}  // namespace

void future_add_to_awaited_by(const AnyFuture& future, const AnyFuture& waiter) {
    detail::FutureBase& of = future.state("future_add_to_awaited_by()");
    if (of.done() || find(of, waiter.state("future_add_to_awaited_by()"))) return;
    new AwaitedBy(of, waiter.state());
}

void future_discard_from_awaited_by(const AnyFuture& future, const AnyFuture& waiter) {
    detail::FutureBase& of = future.state("future_discard_from_awaited_by()");
    if (AwaitedBy* link = find(of, waiter.state("future_discard_from_awaited_by()"))) link->remove_from(of);
}

namespace detail {

std::vector<FutureBase*> awaiters_of(const FutureBase& future) {
    std::vector<FutureBase*> awaiters;
    std::unordered_set<const FutureBase*> seen;
    future.nodes().for_each([&](const CallbackNode& node) {
        FutureBase* awaiter = node.target->awaiter();
        if (awaiter && seen.insert(awaiter).second) awaiters.push_back(awaiter);
    });
    return awaiters;
}

}  // namespace detail
}  // namespace aio
