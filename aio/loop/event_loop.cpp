// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/descriptor_watch_impl.hpp>
#include <aio/loop/detail/inbox.hpp>
#include <aio/loop/detail/signals.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_handle.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/loop/poll_age_impl.hpp>

#include <cstdio>
#include <string>

namespace aio {
namespace {

constexpr unsigned kOwnDescriptors = 1;  // the inbox

// Marks the loop as running in this thread, and undoes it on every way out.
class RunningScope {
public:
    RunningScope(EventLoop& loop, std::atomic<const void*>& runs_in) : loop_(&loop), runs_in_(runs_in) {
        loop.check_not_running();
        detail::here.loop = &loop;
        runs_in.store(detail::this_thread());
    }
    RunningScope(const RunningScope&) = delete;
    RunningScope& operator=(const RunningScope&) = delete;
    ~RunningScope() {
        detail::here.loop = nullptr;
        runs_in_.store(nullptr);
        if (loop_->is_orphaned()) loop_->close();
    }

private:
    const Ref<EventLoop> loop_;  // its owner may be dropped by a callback
    std::atomic<const void*>& runs_in_;
};

// A forked child has no running loop, no current one, and the signal handlers from before there were loops.
// The loop in whose callback the process forks stops in the child when that returns.
[[gnu::init_priority(60004)]] const detail::AtFork at_fork(detail::SignalWatcher::before_fork,
                                                           detail::SignalWatcher::after_fork, [] {
                                                               ++detail::fork_generation;
                                                               detail::SignalWatcher::forget_after_fork();
                                                               if (EventLoop* const running = std::exchange(
                                                                       detail::here.loop, nullptr))
                                                                   running->leave_to_parent();
                                                               set_event_loop(nullptr);
                                                               detail::SignalWatcher::after_fork();
                                                           });

}  // namespace

#ifdef AIO_SHARED
constinit unsigned detail::fork_generation;
constinit detail::MakeClock detail::make_default_clock = nullptr;
#endif

static std::shared_ptr<Clock> clock_of(const std::shared_ptr<Clock>& given) {
    return given || !detail::make_default_clock ? given : detail::make_default_clock();
}

EventLoop* EventLoop::create(const LoopOptions& options) { return new EventLoop(options); }

EventLoop::EventLoop(const LoopOptions& options)
    : clock_(clock_of(options.clock_)), poller_(nullptr), parts_(new detail::LoopParts()) {
    parts_->poller = detail::make_poller(options.poller_);
    poller_ = parts_->poller.get();
    inbox_ = Ref<detail::Inbox>::adopt(new detail::Inbox(*poller_));
    parts_->gather_writes = options.gather_writes_;
    parts_->defer_writes = options.defer_writes_;
    parts_->shuffle = detail::Shuffle(options.shuffle_);
    if (parts_->shuffle) {
        poller_->shuffle(parts_->shuffle);
        timers_.shuffle(parts_->shuffle.next());
    }
    set_debug(options.debug_);
}

EventLoop::~EventLoop() = default;

void EventLoop::set_debug(bool on) noexcept {
    debug_ = on;
    guarded_ = debug_ || closed_;
}

void EventLoop::check_not_running() const {
    if (is_running()) throw RuntimeError("This event loop is already running");
    if (detail::here.loop) throw RuntimeError("Cannot run the event loop while another loop is running");
}

void EventLoop::run_forever() {
    check_closed();
    if (inherited()) raise_inherited();
    const RunningScope scope(*this, runs_in_);
    exit_ = nullptr;
    handles_until_check_ = checks_until_poll_ = 0;  // the first iteration polls
    struct Restore {
        EventLoop& loop;
        ~Restore() {
            loop.stopping_ = false;
            if (std::exchange(loop.left_to_run_, 0) > 0) loop.parts_->step_end.step_failed(loop);
        }
    } restore{*this};
    do {
        ++iterations_;
        if (!may_skip_poll()) poll();
        if (debug_) [[unlikely]] {
            run_ready_debug();
        } else {
            run_ready();
        }
    } while (!stopping_);
    if (exit_) std::rethrow_exception(std::exchange(exit_, nullptr));
    if (inherited()) raise_inherited();
}

// Skipping is invisible: it looks like an iteration in which nothing had arrived yet.
inline bool EventLoop::may_skip_poll() noexcept {
    if (ready_.empty() || stopping_) return false;
    // A timer that was due when it was armed belongs to the next iteration. The clock is read only if one
    // was armed at all.
    const TimePoint armed = timers_.take_earliest_new();
    if (armed != TimePoint::max() && armed <= time()) return false;
    if (handles_until_check_ > 0) return true;
    if (--checks_until_poll_ <= 0) return false;
    const Duration age = time() - last_poll_;
    parts_->handles_per_check = detail::handles_per_check(parts_->handles_per_check, age);
    if (age > detail::kPollAge) return false;
    handles_until_check_ = parts_->handles_per_check;
    return true;
}

void EventLoop::run_ready() {
    left_to_run_ = ready_.size();
    handles_until_check_ -= static_cast<int>(left_to_run_ < 1000 ? left_to_run_ : 1000);
    for (; left_to_run_ > 0; --left_to_run_) {
        if (detail::Runnable* item = ready_.pop_one_of(left_to_run_)) item->run();
    }
}

bool EventLoop::run_next(detail::Runnable& item) noexcept {
    try {
        ready_.push_front(item);
    } catch (...) {  // out of memory
        return false;
    }
    ++left_to_run_;
    return true;
}

static void log_slow(const std::string& name, Duration took) noexcept {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3f", std::chrono::duration<double>(took).count());
    detail::log_text(LogLevel::warning,
                     [&] { return "Executing " + name + " took " + seconds + " seconds"; });
}

static std::string name_of(const detail::Runnable& item) noexcept {
    try {
        return item.repr();
    } catch (...) {
        return "a callback";  // out of memory
    }
}

void EventLoop::run_ready_debug() {
    for (left_to_run_ = ready_.size(); left_to_run_ > 0; --left_to_run_) {
        detail::Runnable* item = ready_.pop();
        if (!item) continue;
        const std::string name = name_of(*item);  // the item may be gone afterwards
        const TimePoint start = time();
        item->run();
        const Duration took = time() - start;
        if (took < slow_callback_duration) continue;
        log_slow(name, took);
    }
    handles_until_check_ = 0;
}

void EventLoop::poll() {
    Duration timeout = Duration(-1);
    const TimePoint next = timers_.next_deadline();
    if (!ready_.empty() || stopping_ || !inbox_->empty() || clock_) {
        timeout = Duration::zero();
    } else if (next != TimePoint::max()) {
        const TimePoint now = time();
        timeout = next > now ? next - now : Duration::zero();  // the difference to a far past would overflow
    } else if ((debug_ || parts_->on_deadlock) && cannot_wake()) [[unlikely]] {
        detail::handle_deadlock(*this);
        if (stopping_) timeout = Duration::zero();
    }
    poll_once(timeout);
    // A replaced clock decides what happens instead of sleeping.
    if (clock_ && ready_.empty() && !stopping_) {
        std::optional<TimePoint> deadline;
        if (timers_.next_deadline() != TimePoint::max()) deadline = timers_.next_deadline();
        if (!deadline || *deadline > time()) {
            const Duration real_wait = clock_->idle(*this, deadline);
            if (real_wait != Duration::zero()) poll_once(real_wait);
        }
    }
    if (!timers_.empty() || clock_) {
        last_poll_ = time();
        timers_.collect(last_poll_, ready_);
    } else if (ready_.size() > 0) {
        last_poll_ = time();
    }
    handles_until_check_ =
        clock_ ? 0 : parts_->handles_per_check;  // a replaced clock may be moved at any time
    timers_.take_earliest_new();
    checks_until_poll_ = clock_ ? 0 : detail::kChecksPerPoll;
    if (inherited()) [[unlikely]]
        raise_inherited();  // a hook or the clock has forked
}

void EventLoop::poll_once(Duration timeout) {
    if (before_poll_) before_poll_(hook_argument_);
    const auto after = [this] {
        inbox_->awake();
        if (after_poll_) after_poll_(hook_argument_);
    };
    try {
        if (timeout != Duration::zero() && !inbox_->going_to_sleep()) timeout = Duration::zero();
        poller_->poll(timeout);
    } catch (...) {
        after();
        throw;
    }
    after();
    if (parts_->signals) parts_->signals->collect(ready_);
    inbox_->collect(ready_);
}

void EventLoop::close() {
    if (is_running()) throw RuntimeError("Cannot close a running event loop");
    if (closed_) return;
    const Ref<EventLoop> keep(this);  // destructors that run below may drop its owner
    closed_ = true;
    guarded_ = true;
    // Destructors that run below belong to this loop, not to another one that may run in this thread.
    struct NoLoop {
        EventLoop* const other = std::exchange(detail::here.loop, nullptr);
        ~NoLoop() { detail::here.loop = other; }
    } const no_loop;
    // What is left here the parent has as well, and reports it.
    if (inherited()) set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    if (parts_->signals) parts_->signals->clear();
    if (parts_->release_hooks) parts_->release_hooks(*this);
    inbox_->close();
    ready_.clear();
    timers_.clear();
    // Last, because destroying a task's frame may still cancel timers and close transports.
    if (parts_->tasks_layer) parts_->tasks_layer->release(*this);
    if (parts_->release_generators) parts_->release_generators(*parts_);
    if (parts_->release_executor) parts_->release_executor(*this);
    std::exchange(parts_->resolver, nullptr).reset();
    std::exchange(parts_->transport_factory, nullptr).reset();
    poller_->close();
    while (detail::CloseWatch* const watch = parts_->close_watches.pop_front()) watch->on_loop_closed();
    for (auto& [fd, watch] : std::exchange(parts_->watches, {})) watch->cancel();
    ready_.clear();
    timers_.clear();
}

void EventLoop::leave_to_parent() noexcept {
    stopping_ = true;
    guarded_ = true;
    left_to_run_ = 1;  // what runs now and forks
    if (parts_->tasks_layer) parts_->tasks_layer->forget_current();
}

void EventLoop::raise_closed() { throw RuntimeError("Event loop is closed"); }

void EventLoop::raise_inherited() {
    throw RuntimeError("This event loop belongs to the parent process; a forked child makes its own");
}

void EventLoop::check_call() const {
    check_closed();
    if (inherited()) raise_inherited();
    check_thread();
}

// The thread counts, not what runs in it: while another loop is being closed here, none does.
void EventLoop::check_guarded_thread() const {
    if (debug_ && runs_elsewhere()) {
        throw RuntimeError("Non-thread-safe operation invoked on an event loop other than the current one");
    }
}

// The inbox tells which loop it is: at the address of one that is gone another may be by now.
Handle EventLoop::post_handle(detail::Inbox& inbox, detail::HandleState& state) {
    Handle handle(Ref<detail::HandleState>::adopt(&state));
    EventLoop* const running = detail::here.loop;
    if (running && running->inbox_.get() == &inbox &&
        !running->closed_) {  // keeps the order with call_soon()
        running->ready_.push_or_discard(state);
    } else if (!inbox.post(state)) {
        state.discard();
        if (inbox.inherited()) raise_inherited();
        raise_closed();
    }
    return handle;
}

LoopHandle EventLoop::handle() noexcept { return LoopHandle(*this); }

TimerHandle EventLoop::arm_handle(detail::TimerHandleState& state, TimePoint when) {
    TimerHandle handle(Ref<detail::TimerHandleState>::adopt(&state));
    try {
        timers_.push(state, when);
    } catch (...) {
        state.discard();
        throw;
    }
    return handle;
}

std::size_t EventLoop::shuffled(std::size_t count) noexcept {
    return parts_->shuffle && count > 1 ? parts_->shuffle.next() % count : 0;
}

void EventLoop::watch_signal(int signal, Ref<detail::HandleState> handle) {
    check_closed();
    const Ref<EventLoop> keep(this);  // a replaced callable's destructor may drop the loop
    if (!parts_->signals) parts_->signals = std::make_unique<detail::SignalWatcher>(*inbox_);
    parts_->signals->add(signal, std::move(handle));
    if (signal < 64) parts_->harmless_signals &= ~(std::uint64_t{1} << signal);
}

bool EventLoop::remove_signal_handler(int signal) {
    detail::SignalWatcher::check_number(signal);
    return parts_->signals && parts_->signals->remove(signal).found;
}

void EventLoop::set_exception_handler(ExceptionHandler handler) {
    parts_->exception_handler = handler ? std::make_shared<ExceptionHandler>(std::move(handler)) : nullptr;
}

const ExceptionHandler* EventLoop::get_exception_handler() const noexcept {
    return parts_->exception_handler.get();
}

void EventLoop::call_exception_handler(const ExceptionContext& context) noexcept {
    const std::shared_ptr<ExceptionHandler> handler = parts_->exception_handler;  // it may replace itself
    if (!handler) {
        default_exception_handler(context);
        return;
    }
    try {
        (*handler)(*this, context);
    } catch (...) {
        if (detail::handling_exit_exception() && detail::here.loop == this) {
            exit_ = std::current_exception();
            stopping_ = true;
            return;
        }
        try {
            ExceptionContext failure("Unhandled error in exception handler");
            failure.exception(std::current_exception()).set("context", context, context.str());
            default_exception_handler(failure);
        } catch (...) {  // out of memory
            default_exception_handler(context);
        }
    }
}

void EventLoop::default_exception_handler(const ExceptionContext& context) noexcept {
    try {
        log(LogLevel::error, context.str());
    } catch (...) {  // out of memory
        log(LogLevel::error, context.message());
    }
}

void EventLoop::report_briefly(const std::exception_ptr& error) noexcept {
    ExceptionContext context("out of memory");  // short enough not to need any
    context.exception(error);
    call_exception_handler(context);
}

bool EventLoop::cannot_wake() const noexcept {
    return ready_.empty() && timers_.empty() && inbox_->empty() && poller_->size() == kOwnDescriptors &&
           parts_->thread_call_count == 0 &&
           (!parts_->signals || parts_->signals->all_in(parts_->harmless_signals));
}

EventLoop::Stats EventLoop::stats() const noexcept {
    const unsigned own = closed_ ? 0 : kOwnDescriptors;
    return {ready_.size(),         timers_.size(), parts_->task_count, parts_->thread_call_count,
            poller_->size() - own, iterations_};
}

}  // namespace aio
