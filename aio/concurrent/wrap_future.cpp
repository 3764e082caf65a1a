// SPDX-License-Identifier: MIT
#include <aio/concurrent/default_executor_impl.hpp>
#include <aio/concurrent/wrap_future.hpp>

namespace aio::concurrent::detail {

std::exception_ptr convert_error(const std::exception_ptr& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (const CancelledError&) {
        return std::make_exception_ptr(aio::CancelledError());
    } catch (const InvalidStateError& e) {
        try {
            return std::make_exception_ptr(aio::InvalidStateError(e.what()));
        } catch (...) {  // out of memory
            return std::current_exception();
        }
    } catch (...) {
        return error;
    }
}

void Bridge::connect(Ref<FutureState> source, const Ref<aio::detail::FutureBase>& destination) {
    prepare_loop(destination->loop());
    address(destination->loop());
    enlist();
    source_ = source;
    destination_ = destination;
    destination->add_node(check_.node);
    source->add_callback(*this);
}

// In any thread. asyncio drops what comes for a loop that is closed.
void Bridge::done(FutureState&) {
    if (!post()) release();
}

void Bridge::CancelCheck::run() {
    ran = true;
    if (!owner_.destination_->cancelled()) return;
    const Ref<FutureState> source = owner_.source_;  // cancel() may have the owner destroyed
    if (source->cancel() || owner_.consume_) return;
    // A call that runs may go on for as long as the program: nothing stays with it of those who waited.
    if (!source->remove_callback(owner_)) return;
    owner_.detach();
    owner_.release();
}

void Bridge::arrive() {
    delist();
    const Ref<FutureState> source = std::move(source_);
    const Ref<aio::detail::FutureBase> destination = destination_;
    disconnect();
    struct Destroy {
        Bridge& bridge;
        ~Destroy() { bridge.destroy(); }
    } const at_end{*this};
    if (destination->done()) return;
    if (source->cancelled()) {
        destination->cancel(nullptr);
    } else if (source->error()) {
        destination->set_exception(convert_error(source->error()));
    } else {
        try {
            copy_value(*source, *destination);
        } catch (...) {  // of the value's constructors, which may also have settled it themselves
            if (!destination->done()) destination->set_exception(std::current_exception());
        }
    }
}

void Bridge::disconnect() noexcept {
    if (check_.node.linked()) destination_->remove_node(check_.node);
    if (check_.node.queued && !check_.ran) loop().ready().remove(check_);
    destination_ = nullptr;
}

void Bridge::detach() noexcept {
    delist();
    disconnect();
    source_ = nullptr;
    release();
}

}  // namespace aio::concurrent::detail
