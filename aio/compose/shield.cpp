// SPDX-License-Identifier: MIT
#include <aio/compose/shield.hpp>

#include <string>

namespace aio::detail {
namespace {

// Python's __name__: without namespaces and template arguments.
std::string short_name(const std::exception_ptr& error) {
    const std::string name = type_name(error);
    const std::string plain = name.substr(0, name.find('<'));
    const std::size_t colon = plain.rfind(':');
    return colon == std::string::npos ? plain : plain.substr(colon + 1);
}

}  // namespace

void ShieldPart::follow(FutureBase& inner) {
    inner_ = &inner;
    outer().add_ref();
    inner.add_node(inner_done_.node);
    outer().add_node(outer_done_.node);
}

void ShieldPart::inner_done() {
    const Ref<FutureBase> self = Ref<FutureBase>::adopt(&outer());  // the node's reference
    const Ref<FutureBase> inner = Ref<FutureBase>::adopt(inner_);   // the queue's
    if (reporting_) {
        report_late_error();
    } else if (self->done()) {  // cancelled in the same iteration
        return;
    } else if (inner->cancelled()) {
        self->cancel(nullptr);
    } else if (inner->error()) {
        self->set_exception(inner->exception());
    } else {
        try {
            deliver(*inner);
        } catch (...) {  // of the value's constructors, which may also have settled it themselves
            if (!self->done()) self->set_exception(std::current_exception());
        }
    }
}

// The inner future dies pending, or its loop is closed.
void ShieldPart::inner_lost() noexcept {
    if (inner_done_.node.queued) inner_->release();
    outer().release();
}

void ShieldPart::outer_done() {
    const Ref<FutureBase> self = Ref<FutureBase>::adopt(&outer());  // the queue's reference
    if (!inner_done_.node.linked()) return;                         // the inner future is done too
    // From now on only a report is left to be made, one for all the shields of a future.
    FutureBase& inner = *inner_;
    inner.remove_node(inner_done_.node);
    ShieldPart* earlier = nullptr;
    inner.nodes().remove_if([&](const CallbackNode& node) {
        auto* other = dynamic_cast<InnerDone*>(node.target);
        if (!other || !other->owner().reporting_) return false;
        earlier = &other->owner();
        return true;
    });
    reporting_ = true;
    inner.add_node(inner_done_.node);
    if (earlier) earlier->outer().release();
}

void ShieldPart::report_late_error() {
    if (inner_->cancelled()) return;
    const std::exception_ptr error = inner_->exception();
    if (!error) return;
    inner_->loop().report(error, [&] {
        ExceptionContext context(short_name(error) + " exception in shielded future");
        context.exception(error).set("future", AnyFuture(Ref<FutureBase>(inner_)), inner_->repr());
        return context;
    });
}

}  // namespace aio::detail
