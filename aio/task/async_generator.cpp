// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/task/async_generator.hpp>
#include <aio/task/gather.hpp>

namespace aio {
namespace detail {
std::string AsyncGeneratorFrame::repr() const {
    return "<async_generator " + aio::describe(location()) + ">";
}

bool AsyncGeneratorFrame::resume(std::exception_ptr thrown) {
    if (running_) throw RuntimeError("anext(): asynchronous generator is already running");
    if (self_.done()) return true;
    if (thrown && !started_) std::rethrow_exception(std::move(thrown));  // nothing to unwind
    if (!started_ && running_loop) {
        LoopParts& parts = running_loop->parts();
        if (parts.generators_shut_down) {
            log(LogLevel::warning, "asynchronous generator " + repr() +
                                       " was scheduled after loop.shutdown_asyncgens() call");
        }
        link_before(parts.generators);
    }
    started_ = true;
    running_ = true;
    yielded_ = false;
    thrown_ = std::move(thrown);
    set_continuation(nullptr);
    self_.resume();
    return step_complete();
}

void AsyncGeneratorFrame::end_step() {
    running_ = false;
    if (std::exception_ptr error = std::exchange(error_, nullptr)) std::rethrow_exception(std::move(error));
}

void AsyncGeneratorFrame::owner_gone() noexcept {
    EventLoop* loop = running_loop;
    if (linked() && !done() && loop && !loop->is_closed()) {
        try {  // ours becomes the closing task's reference
            unlink();
            Ref<AsyncGeneratorFrame> frame = Ref<AsyncGeneratorFrame>::adopt(this);
            loop->call_soon([frame] { aio::create_task(close_generator(frame)); });
            return;
        } catch (...) {  // out of memory: the frame is destroyed without its clean-up
            return;
        }
    }
    release();
}

Coro<> close_generator(Ref<AsyncGeneratorFrame> frame) {
    if (frame->done() || !frame->started()) co_return;
    bool yielded_again = false;
    try {
        struct Step final : AsyncGeneratorStep {
            using AsyncGeneratorStep::AsyncGeneratorStep;
            bool await_resume() {
                frame_->end_step();
                return frame_->yielded();
            }
        };
        Step step(frame, std::make_exception_ptr(GeneratorExit()));
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
        auto* frame = static_cast<detail::AsyncGeneratorFrame*>(parts.generators.next);
        frame->unlink();
        open.emplace_back(frame);
    }
    if (open.empty()) co_return;
    std::vector<Coro<>> closing;
    for (const auto& frame : open) closing.push_back(detail::close_generator(frame));
    auto results = co_await gather(return_exceptions, std::move(closing));
    for (std::size_t i = 0; i < open.size(); ++i) {
        const std::exception_ptr error = results[i].exception();
        if (!error || detail::is_cancelled_error(error)) continue;
        ExceptionContext context("an error occurred during closing of asynchronous generator " +
                                 open[i]->repr());
        context.exception(error).set("asyncgen", open[i], open[i]->repr());
        loop.call_exception_handler(context);
    }
}

}  // namespace aio
