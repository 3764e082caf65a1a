// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/compose/gather.hpp>
#include <aio/loop/loop_parts_impl.hpp>

namespace aio {
namespace detail {
std::string AsyncGeneratorFrame::repr() const {
    return "<async_generator " + aio::describe(location()) + ">";
}

bool AsyncGeneratorFrame::resume(Operation operation, std::exception_ptr thrown) {
    if (running_) {
        constexpr const char* names[] = {"anext", "athrow", "aclose"};
        throw RuntimeError(std::string(names[static_cast<int>(operation)]) +
                           "(): asynchronous generator is already running");
    }
    if (closed_ || self_.done()) return true;
    if (!started_) {
        if (thrown) {  // nothing to unwind
            closed_ = true;
            std::rethrow_exception(std::move(thrown));
        }
        register_with(get_running_loop());
    }
    operation_ = operation;
    started_ = true;
    running_ = true;
    yielded_ = false;
    thrown_ = std::move(thrown);
    set_continuation(nullptr);
    self_.resume();
    return step_complete();
}

void AsyncGeneratorFrame::register_with(EventLoop& loop) {
    LoopParts& parts = loop.parts();
    if (parts.generators_shut_down) {
        log(LogLevel::warning,
            "asynchronous generator " + repr() + " was scheduled after loop.shutdown_asyncgens() call");
    }
    loop_ = Ref<EventLoop>(&loop);
    link_before(parts.generators);
    parts.release_generators = [](LoopParts& closing) noexcept {
        while (closing.generators.linked()) {
            static_cast<AsyncGeneratorFrame*>(closing.generators.next)->leave_loop();
        }
    };
}

Ref<AsyncGeneratorFrame> AsyncGeneratorFrame::leave_loop() noexcept {
    unlink();
    Ref<AsyncGeneratorFrame> self(this);
    if (std::exchange(orphaned_, false)) release();
    return self;
}

void AsyncGeneratorFrame::suspend_step(std::coroutine_handle<> awaiter) {
    set_continuation(awaiter);
    driver_ = Ref<FutureBase>(&current_task_or_throw().future());
}

void AsyncGeneratorFrame::end_step(SourceLocation at) {
    running_ = false;
    driver_ = nullptr;
    if (std::exception_ptr error = std::exchange(error_, nullptr)) rethrow_at(at, error);
}

// For nobody in particular; shutdown_asyncgens() may have come first.
static Coro<> close_abandoned(Ref<AsyncGeneratorFrame> frame) {
    if (!frame->linked()) co_return;
    frame->leave_loop();
    co_await close_generator(frame);
}

void AsyncGeneratorFrame::last_reference_gone() noexcept {
    if (!linked() || running_ || loop_->is_closed()) {
        self_.destroy();
        return;
    }
    refs_ = 1;
    if (std::exchange(close_scheduled_, true)) {
        orphaned_ = true;
        return;
    }
    Ref<AsyncGeneratorFrame> frame = Ref<AsyncGeneratorFrame>::adopt(this);
    try {  // its loop need not run at the moment
        loop_->call_soon_threadsafe([frame] { aio::create_task(close_abandoned(frame)); });
    } catch (...) {  // out of memory: shutdown_asyncgens() closes it
    }
}

Coro<> close_generator(Ref<AsyncGeneratorFrame> frame) {
    if (!frame->started()) frame->close_unstarted();
    if (!frame->started() || frame->done()) co_return;
    bool yielded_again = false;
    try {
        struct Step final : AsyncGeneratorStep {
            using AsyncGeneratorStep::AsyncGeneratorStep;
            bool await_resume(SourceLocation at = SourceLocation::current()) {
                frame_->end_step(at);
                return frame_->yielded();
            }
        };
        Step step(AsyncGeneratorFrame::Operation::aclose, frame, std::make_exception_ptr(GeneratorExit()));
        yielded_again = co_await std::move(step);
    } catch (const GeneratorExit&) {
    }
    if (yielded_again) throw RuntimeError("async generator ignored GeneratorExit");
}

}  // namespace detail

Coro<> shutdown_asyncgens() {
    EventLoop& loop = get_running_loop();
    detail::LoopParts& parts = loop.parts();
    parts.generators_shut_down = true;
    std::vector<Ref<detail::AsyncGeneratorFrame>> open;
    while (parts.generators.linked()) {
        open.push_back(static_cast<detail::AsyncGeneratorFrame*>(parts.generators.next)->leave_loop());
    }
    if (open.empty()) co_return;
    std::vector<Coro<>> closing;
    for (const auto& frame : open) closing.push_back(detail::close_generator(frame));
    auto results = co_await gather(return_exceptions, std::move(closing));
    for (std::size_t i = 0; i < open.size(); ++i) {
        const std::exception_ptr error = results[i].exception();
        if (!error || detail::is_cancelled_error(error)) continue;
        loop.report(error, [&] {
            ExceptionContext context("an error occurred during closing of asynchronous generator " +
                                     open[i]->repr());
            context.exception(error).set("asyncgen", open[i], open[i]->repr());
            return context;
        });
    }
}

}  // namespace aio
