// SPDX-License-Identifier: MIT
#include <aio/compose/gather.hpp>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace aio::detail {

// References: every child that is still pending, or done but not yet accounted for, holds one to the
// outer future, so a gather() whose handle was dropped still collects its children's errors.

/// One child of a gather(). It knows the child by address only: while the child is pending it may die
/// (then the part is discarded), and from its completion on the part holds a reference.
class GatherChild final : public Runnable {
public:
    GatherChild() noexcept = default;
    GatherChild(const GatherChild&) = delete;
    GatherChild& operator=(const GatherChild&) = delete;
    ~GatherChild() {
        if (node_.linked()) future_->remove_node(node_);
        let_go();
    }
    void watch(GatherPart& owner, FutureBase& future) {
        owner_ = &owner;
        future_ = &future;
        future.add_node(node_);
    }
    void adopt_done(GatherPart& owner, FutureBase& future) {
        owner_ = &owner;
        future_ = &future;
        future.add_ref();
        node_.queued = adopted_ = true;
    }
    /// Takes the registration back; false if there is none.
    bool forget() noexcept {
        if (!node_.linked()) return false;
        future_->remove_node(node_);
        return true;
    }
    FutureBase& future() const noexcept { return *future_; }
    /// It was done when it was given, so nothing will run for it.
    bool adopted() const noexcept { return adopted_; }
    FutureBase* future_or_null() const noexcept { return future_; }
    void mark_retrieved() const noexcept {
        if (future_) future_->mark_retrieved();
    }
    /// Of one that is done: gives it back.
    void let_go() noexcept {
        if (std::exchange(node_.queued, false)) std::exchange(future_, nullptr)->release();
    }

    void run() override;
    void discard() noexcept override;
    std::string repr() const override { return "gather()"; }
    FutureBase* awaiter() noexcept override;

private:
    CallbackNode node_{*this, true};
    GatherPart* owner_ = nullptr;
    FutureBase* future_ = nullptr;
    bool adopted_ = false;
};

/// The children of one gather(): the distinct futures, and the arguments as they refer to them.
struct GatherChildren {
    explicit GatherChildren(std::size_t count)
        : distinct(std::make_unique<GatherChild[]>(count)),
          arguments(std::make_unique<GatherChild*[]>(count)) {}

    GatherChild* find(FutureBase& future) const noexcept;

    std::unique_ptr<GatherChild[]> distinct;
    std::unique_ptr<GatherChild*[]> arguments;
    std::size_t distinct_count = 0;
    std::size_t argument_count = 0;
    std::vector<FutureBase*> given_again;
    std::unordered_map<const FutureBase*, GatherChild*> done_before;
};

// Nobody else registers with a future while the arguments are gone through, so a pending one that
// came before has our child as its last callback.
GatherChild* GatherChildren::find(FutureBase& future) const noexcept {
    if (future.done()) {
        const auto found = done_before.find(&future);
        return found == done_before.end() ? nullptr : found->second;
    }
    const CallbackNode* last = future.nodes().back();
    if (!last) return nullptr;
    const std::less<const Runnable*> before;
    const Runnable* target = last->target;
    if (before(target, distinct.get()) || !before(target, distinct.get() + distinct_count)) return nullptr;
    return static_cast<GatherChild*>(last->target);
}

GatherPart::GatherPart(std::size_t count, bool collect_errors)
    : children_(new GatherChildren(count)), collect_errors_(collect_errors) {}

GatherPart::~GatherPart() { delete children_; }

FutureBase& GatherPart::argument(std::size_t index) const noexcept {
    return children_->arguments[index]->future();
}

std::size_t GatherPart::arguments() const noexcept { return children_->argument_count; }

FutureBase* GatherChild::awaiter() noexcept { return &owner_->outer(); }

void GatherChild::run() { owner_->child_done(*future_); }

void GatherChild::discard() noexcept {
    if (!node_.queued) future_ = nullptr;  // it died
    owner_->child_lost();
}

void GatherPart::add_child(FutureBase& future) {
    GatherChildren& all = *children_;
    if (GatherChild* same = all.find(future)) {
        all.arguments[all.argument_count++] = same;
        all.given_again.push_back(&future);
        return;
    }
    GatherChild& child = all.distinct[all.distinct_count++];
    all.arguments[all.argument_count++] = &child;
    if (future.done()) {
        all.done_before.emplace(&future, &child);
        child.adopt_done(*this, future);
    } else {
        outer().add_ref();
        child.watch(*this, future);
    }
}

// Nobody will ever have the gather().
GatherSetup::~GatherSetup() {
    if (complete_) return;
    part_.abandoned_ = true;
    GatherChildren& all = *part_.children_;
    for (std::size_t i = 0; i < all.distinct_count; ++i) {
        if (all.distinct[i].forget()) part_.outer().release();
    }
}

// Children that are done already count at once, without a turn of the loop.
void GatherPart::start() {
    if (children_->distinct_count == 0) {
        deliver_results();
        return;
    }
    const Ref<FutureBase> self(&outer());
    for (std::size_t i = 0; i < children_->distinct_count; ++i) {
        GatherChild& child = children_->distinct[i];
        if (!child.adopted()) continue;
        outer().add_ref();
        child_done(child.future());
    }
}

void GatherPart::child_done(FutureBase& future) {
    const Ref<FutureBase> self = Ref<FutureBase>::adopt(&outer());  // the child's reference
    ++finished_;
    if (abandoned_) return;
    const bool last = finished_ + lost_ == children_->distinct_count;
    if (outer().done()) {
        future.mark_retrieved();
    } else if (!collect_errors_ && (future.cancelled() || future.error())) {
        future.mark_retrieved();
        std::exception_ptr error = future.error();
        deliver_error(error ? error : std::make_exception_ptr(CancelledError()));
    } else if (last) {
        deliver(future);
    }
    if (!last || !outer().done()) return;
    // Kept, the children of gathers within each other would go one within the other.
    for (std::size_t i = 0; i < children_->distinct_count; ++i) children_->distinct[i].let_go();
}

// All children are done or gone; `last` was the last one.
void GatherPart::deliver(const FutureBase& last) {
    if (cancel_requested_) {
        for (std::size_t i = 0; i < children_->distinct_count; ++i) children_->distinct[i].mark_retrieved();
        // As in asyncio the message that travels is that of the last argument.
        const FutureBase& named = lost_ == 0 ? argument(arguments() - 1) : last;
        std::exception_ptr error = named.cancelled() ? named.error() : nullptr;
        deliver_error(error ? error : std::make_exception_ptr(CancelledError()));
    } else if (lost_ == 0) {
        // Values of children that nobody else holds are moved: not those that are wanted twice.
        std::vector<Ref<FutureBase>> keep;
        try {
            for (FutureBase* again : children_->given_again) keep.emplace_back(again);
        } catch (...) {  // out of memory
            deliver_error(std::current_exception());
            return;
        }
        deliver_results();
    }
}

// The gather() can end only by cancellation now.
void GatherPart::child_lost() {
    ++lost_;
    outer().release();
}

// Once for each argument, as in asyncio, also where they are the same.
FutureBase* GatherPart::cancel_target(std::size_t index) noexcept {
    return children_->arguments[index]->future_or_null();
}

bool GatherPart::cancel_handed_on(bool any, const std::exception_ptr& cause) {
    cancel_requested_ = cancel_requested_ || any || lost_ > 0;
    if (!any && lost_ > 0 && finished_ + lost_ == children_->distinct_count) {
        deliver_error(cause ? cause : std::make_exception_ptr(CancelledError()));
        return true;
    }
    return any;
}

}  // namespace aio::detail
