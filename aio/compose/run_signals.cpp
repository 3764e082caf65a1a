// SPDX-License-Identifier: MIT
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/compose/run_signals_impl.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <csignal>

namespace aio::detail {

bool RunSignal::has_default_effect(int signal) noexcept {
    struct sigaction current{};
    return in_main_thread() && ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_DFL;
}

// It ends a deadlock, not solves it.
void RunSignal::is_harmless() noexcept { loop_->parts().harmless_signals |= std::uint64_t{1} << signal_; }

bool RunSignal::release() noexcept {
    const bool was_in_place = in_place();
    EventLoop* const loop = std::exchange(loop_, nullptr);
    return was_in_place && loop->parts().signals->remove(signal_).unanswered;
}

InterruptHandler::InterruptHandler(EventLoop& loop, std::optional<AnyTask> task)
    : loop_(loop), task_(std::move(task)) {
    interrupt_.handle(loop_, SIGINT, [this] { on_interrupt(); });
    hook_was_added();
    loop_.parts().interrupts = this;
}

InterruptHandler::~InterruptHandler() {
    loop_.parts().interrupts = nullptr;
    release_terminate();
}

void InterruptHandler::release_terminate() noexcept {
    if (terminate_.release() && !interrupted_) std::raise(SIGTERM);
}

void InterruptHandler::on_interrupt() {
    if (++interrupts_ == 1 && task_ && !task_->done()) {
        task_->cancel();
    } else {
        raise_signals(true, false);
    }
}

void InterruptHandler::on_terminate() {
    if (!task_ || task_->done()) {
        ended_late_ = true;
    } else if (!std::exchange(asked_to_end_, true)) {
        task_->cancel();
    }
}

void InterruptHandler::raise_signals(bool interrupted, bool terminated) {
    if (interrupted) {
        interrupted_ = true;
        throw KeyboardInterrupt();
    }
    if (terminated && !interrupted_) throw SystemExit(128 + SIGTERM);
}

void InterruptHandler::main_ended(AnyTask& task) {
    bool interrupted = false;
    bool terminated = ended_late_;
    if (task.cancelled() && (interrupts_ > 0 || asked_to_end_)) {
        if (interrupts_ > 0 && asked_to_end_) task.uncancel();
        const bool ours = task.uncancel() == 0;
        interrupted = ours && interrupts_ > 0;
        terminated |= ours && asked_to_end_;
    }
    interrupted |= interrupt_.take_missed();
    terminated |= terminate_.take_missed();
    raise_signals(interrupted, terminated);
}

void InterruptHandler::cleanup_begins() noexcept {
    task_.reset();
    cleaning_up_ = true;
    ended_late_ = false;
}

void InterruptHandler::cleanup_ended() {
    const bool missed = terminate_.take_missed();
    raise_signals(interrupt_.take_missed(), ended_late_ || missed);
}

void InterruptHandler::hook_was_added() {
    if (ShutdownHook::wants_sigterm(loop_)) terminate_.handle(loop_, SIGTERM, [this] { on_terminate(); });
}

// The hooks leave the list when they are called; SIGTERM must not end the process then.
void InterruptHandler::hook_was_removed() noexcept {
    if (cleaning_up_ || ShutdownHook::wants_sigterm(loop_)) return;
    release_terminate();
}

}  // namespace aio::detail
