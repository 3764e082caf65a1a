// SPDX-License-Identifier: MIT
#include <aio/compose/async_generator.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/compose/run.hpp>
#include <aio/compose/run_signals_impl.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace aio {
namespace {

void report_leftover(const AnyTask& task, const char* message, const std::exception_ptr& error) {
    task.get_loop().report(error, [&] {
        ExceptionContext context(message);
        context.exception(error).set("task", task, task.repr());
        return context;
    });
}

// Done when all tasks have ended. A future of its own, as gather()'s is in asyncio: a task would show in
// all_tasks(), to those that end.
Future<> all_ended(EventLoop& loop, const std::vector<AnyTask>& tasks) {
    Future<> over = loop.create_future();
    const auto left = std::make_shared<std::size_t>(tasks.size());
    for (const AnyTask& task : tasks) {
        task.add_done_callback([over, left](const AnyFuture&) {
            if (--*left == 0 && !over.done()) over.set_result();
        });
    }
    return over;
}

void run_until_ended(EventLoop& loop, const std::vector<AnyTask>& tasks,
                     const std::optional<Duration>& timeout) {
    const Future<> over = all_ended(loop, tasks);
    TimerHandle limit;
    if (timeout) {
        limit = loop.call_later(*timeout, [over] {
            if (!over.done()) over.set_result();
        });
    }
    loop.run_until_complete(over);
    limit.cancel();
}

Coro<> call(detail::ShutdownHook& hook) { co_await hook.shutdown(); }

void call_shutdown_hooks(EventLoop& loop, const std::optional<Duration>& timeout) {
    while (detail::ShutdownHook* const hook = detail::ShutdownHook::take_last(loop)) {
        const AnyTask task = detail::create_task_on(loop, call(*hook), TaskOptions().name("shutdown hook"));
        try {
            run_until_ended(loop, {task}, timeout);
        } catch (...) {
            if (task.done() && !task.cancelled()) task.state()->mark_retrieved();  // it leaves run()
            throw;
        }
        if (!task.done()) {
            report_leftover(task, "shutdown hook did not end within the shutdown timeout of asyncio.run()",
                            nullptr);
        } else if (!task.cancelled()) {
            if (const std::exception_ptr error = task.exception())
                report_leftover(task, "unhandled exception in a shutdown hook of asyncio.run()", error);
        }
    }
}

void cancel_all_tasks(EventLoop& loop, const std::optional<Duration>& timeout) {
    std::vector<AnyTask> leftover = all_tasks(loop);
    if (leftover.empty()) return;
    loop.parts().shuffle.permute(leftover.data(), leftover.size());  // a set in Python
    for (const AnyTask& task : leftover) task.cancel();
    run_until_ended(loop, leftover, timeout);
    for (const AnyTask& task : leftover) {
        if (!task.done()) {
            report_leftover(task, "task did not end within the shutdown timeout of asyncio.run()", nullptr);
            task.state()->mark_reported();  // its end with the loop is no news
        } else if (!task.cancelled()) {
            if (const std::exception_ptr error = task.exception())
                report_leftover(task, "unhandled exception during asyncio.run() shutdown", error);
        }
    }
}

}  // namespace

// Here and not in the header, because every program makes one, which would be compiled with each.
RunOptions::RunOptions() noexcept = default;
RunOptions::RunOptions(const RunOptions& other) = default;
RunOptions::RunOptions(RunOptions&& other) noexcept = default;
RunOptions& RunOptions::operator=(RunOptions other) noexcept {
    debug_ = other.debug_;
    loop_factory_ = std::move(other.loop_factory_);
    shutdown_timeout_ = other.shutdown_timeout_;
    return *this;
}
RunOptions::~RunOptions() = default;

Runner::Runner(RunOptions options) : options_(std::move(options)) {}

Runner::~Runner() {
    try {
        close();
    } catch (const KeyboardInterrupt&) {
        std::raise(SIGINT);  // Ctrl-C must not be lost
    } catch (...) {
    }
}

TaskOptions Runner::prepare(const Context* context) {
    detail::check_no_running_loop("Runner.run()");
    detail::TakeOver::ask_all();
    get_loop();
    TaskOptions options;
    options.context(context ? *context : *context_);
    return options;
}

EventLoop& Runner::get_loop() {
    if (closed_) throw RuntimeError("Runner is closed");
    if (!loop_) {
        loop_ = options_.loop_factory_ ? options_.loop_factory_() : new_event_loop();
        if (options_.debug_ != RunOptions::Debug::unset)
            loop_->set_debug(options_.debug_ == RunOptions::Debug::on);
        context_ = copy_context();
    }
    return *loop_;
}

void Runner::run_main(AnyTask task) {
    struct End {
        Runner& runner;
        ~End() {
            if (!runner.closes_next_) runner.interrupts_ = nullptr;
        }
    } const end{*this};
    interrupts_ = std::make_unique<detail::InterruptHandler>(*loop_, task);
    detail::run_until_done(*loop_, task, true);
    interrupts_->main_ended(task);
}

void Runner::close() {
    if (closed_) return;
    if (loop_ && loop_->is_running()) throw RuntimeError("Cannot close a runner while its loop is running");
    closed_ = true;
    if (!loop_) return;
    if (loop_->inherited()) {  // a forked child: the tasks are the parent's, and this loop cannot run
        interrupts_ = nullptr;
        loop_ = nullptr;
        return;
    }
    if (!interrupts_) interrupts_ = std::make_unique<detail::InterruptHandler>(*loop_, std::nullopt);
    interrupts_->cleanup_begins();
    try {
        call_shutdown_hooks(*loop_, options_.shutdown_timeout_);
        cancel_all_tasks(*loop_, options_.shutdown_timeout_);
        loop_->run_until_complete(shutdown_asyncgens());
        if (auto* shutdown = loop_->parts().shutdown_executor) loop_->run_until_complete(shutdown(*loop_));
        interrupts_->cleanup_ended();
    } catch (...) {  // not a destructor's work: if nobody catches, none runs
        interrupts_ = nullptr;
        loop_ = nullptr;
        throw;
    }
    interrupts_ = nullptr;
    loop_ = nullptr;
}

namespace detail {

void check_no_running_loop(const char* caller) {
    if (get_running_loop_or_null()) {
        throw RuntimeError(std::string(caller) + " cannot be called from a running event loop");
    }
}

void run_until_done(EventLoop& loop, const AnyFuture& future, bool new_task) {
    struct Stop {
        static void on_done(const AnyFuture& done) {
            // The loop ends through the exception itself.
            if (!done.cancelled() && is_exit_exception(done.state()->error())) return;
            done.get_loop().stop();
        }
    };
    // Withdrawn in any case: queued but not run, it would stop the loop's next run.
    struct Registration {
        const AnyFuture& future;
        const DoneCallback callback = future.add_done_callback(&Stop::on_done);
        ~Registration() {
            if (future.remove_done_callback(callback) == 0) callback.state()->cancel();
        }
    } registration{future};
    try {
        loop.run_forever();
    } catch (...) {
        if (future.done() && loop.inherited()) return;  // the coroutine has forked and ended in the child
        if (new_task && future.done() && !future.cancelled()) future.state()->mark_retrieved();
        throw;
    }
    if (!future.done()) throw RuntimeError("Event loop stopped before Future completed.");
}

}  // namespace detail
}  // namespace aio
