// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/transport/async_fd.hpp>

#include <poll.h>
#include <unistd.h>
#include <cerrno>

namespace aio {
namespace detail {
namespace {

constexpr std::uint32_t kEnd = io::peer_closed | io::hangup;
constexpr std::uint32_t kAll = io::readable | io::writable | io::urgent;

FdState*& slot(EventLoop& loop, int descriptor) noexcept {
    return loop.parts().fd_states[static_cast<std::size_t>(descriptor)];
}

const char* function_of(std::uint32_t direction) noexcept {
    return direction == io::readable ? "readable" : direction == io::writable ? "writable" : "priority";
}

}  // namespace

Ref<FdState> FdState::make(EventLoop& loop, int descriptor, Kind kind) {
    loop.check_call();
    if (descriptor < 0) throw ValueError("Invalid file descriptor: " + std::to_string(descriptor));
    const Ref<FdState> state(new FdState(loop, descriptor, kind));
    auto& table = loop.parts().fd_states;
    if (table.size() <= static_cast<std::size_t>(descriptor)) {
        table.resize(static_cast<std::size_t>(descriptor) + 1);
    }
    loop.claim_descriptor(descriptor);
    try {
        loop.poller().add(*state, io::readable | io::writable | io::edge);
    } catch (...) {
        loop.release_descriptor(descriptor);
        throw;
    }
    slot(loop, descriptor) = state.get();
    return state;
}

Ref<FdState> FdState::join(EventLoop& loop, int descriptor) {
    const auto& table = loop.parts().fd_states;
    const bool known = descriptor >= 0 && static_cast<std::size_t>(descriptor) < table.size();
    FdState* const found = known ? slot(loop, descriptor) : nullptr;
    Ref<FdState> state(found);
    if (!found) {
        state = make(loop, descriptor, Kind::on_demand);
    } else if (found->kind_ == Kind::on_demand) {
        found->register_again();
    }
    ++state->users_;
    return state;
}

void FdState::leave() noexcept {
    if (--users_ == 0 && kind_ == Kind::on_demand) close();
}

// The descriptor may have been closed and its number given out again.
void FdState::register_again() {
    loop_->poller().remove(*this);
    ready_ = 0;
    ends_ = 0;
    ++number_;
    try {
        loop_->poller().add(*this, io::readable | io::writable | io::edge);
    } catch (...) {
        close();
        throw;
    }
}

void FdState::on_events(std::uint32_t events) noexcept {
    ++number_;
    ends_ = events & (kEnd | io::error);
    ready_ |= ends_ ? kAll : events & kAll;
    if (waits_.empty() || queued_) return;
    queued_ = true;
    loop_->ready().push(*this);
}

void FdState::run() {
    queued_ = false;
    waits_.for_each([this](FdWait& wait) {
        if (ready_ & wait.direction()) wait.wake_up(true);
    });
}

bool FdState::look(std::uint32_t direction) noexcept {
    if (closed_) return false;
    const int events = direction == io::readable   ? POLLIN | POLLRDHUP
                       : direction == io::writable ? POLLOUT
                                                   : POLLPRI | POLLRDHUP;
    pollfd question{fd, static_cast<short>(events), 0};
    const int answer = ::poll(&question, 1, 0);
    if (answer > 0) {
        ready_ |= direction;
    } else if (answer == 0) {
        ready_ &= ~direction;
    }
    return (ready_ & direction) != 0;
}

void FdState::add(FdWait& wait) noexcept { waits_.push_back(wait); }

void FdState::check_usable(const FdWait& wait, SourceLocation at) const {
    if (closed_ || loop_->is_closed()) raise_closed(wait, at);
    if (here.loop == loop_.get()) return;
    throw_at(at, RuntimeError(wait.describe() + " is bound to a different event loop"));
}

void FdState::raise_closed(const FdWait& wait, SourceLocation at) const {
    if (loop_->is_closed()) throw_at(at, RuntimeError("Event loop is closed"));
    rethrow_at(at, make_os_error(EBADF, wait.describe()));
}

void FdState::close() noexcept {
    const int left = detach();
    if (kind_ == Kind::owning && left >= 0) ::close(left);
}

int FdState::detach() noexcept {
    if (closed_) return -1;
    const Ref<FdState> keep(this);
    closed_ = true;
    loop_->poller().remove(*this);
    forget();
    if (std::exchange(queued_, false)) loop_->ready().remove(*this);
    waits_.for_each([](FdWait& wait) { wait.wake_up(false); });
    return fd;
}

void FdState::on_loop_closed() noexcept { forget(); }

void FdState::forget() noexcept {
    if (slot(*loop_, fd) != this) return;  // the loop was closed
    slot(*loop_, fd) = nullptr;
    loop_->release_descriptor(fd);
}

std::string FdState::repr() const { return "<AsyncFd fd=" + std::to_string(fd) + ">"; }

FdWait::~FdWait() {
    if (fresh()) report_never_awaited("AsyncFd");
    leave();
}

bool FdWait::await_ready(SourceLocation at) {
    check_fresh();
    state_->check_usable(*this, at);
    if (state_->ready(direction_)) return true;
    if (!limit_ || *limit_ > Duration::zero()) return false;
    timed_out_ = !state_->look(direction_);
    return true;
}

void FdWait::join() {
    if (limit_) {
        EventLoop& loop = state_->loop();
        try {
            loop.timers().push(*this, loop.deadline_after(*limit_));
        } catch (...) {  // out of memory
            take_back();
            throw;
        }
        scheduled_ = true;
    }
    state_->add(*this);
}

void FdWait::leave() noexcept {
    unlink();
    if (!std::exchange(scheduled_, false)) return;
    EventLoop& loop = state_->loop();
    loop.timers().withdraw(*this, loop.ready());
}

void FdWait::wake_up(bool event) noexcept {
    leave();
    given_up_ = !event;
    wake();
}

void FdWait::run() {
    scheduled_ = false;
    if (!waiting()) return;
    unlink();
    timed_out_ = true;
    wake();
}

FdReady FdWait::await_resume(SourceLocation at) {
    end();
    if (given_up_) [[unlikely]]
        state_->raise_closed(*this, at);
    if (timed_out_) [[unlikely]]
        throw_at(at, TimeoutError(describe()));
    return {std::move(state_), direction_};
}

std::string FdWait::describe() const {
    return std::string("AsyncFd.") + function_of(direction_) + "() of descriptor " +
           std::to_string(state_->fd);
}

}  // namespace detail

void FdReady::clear_ready() const noexcept {
    const std::uint32_t end = direction_ == detail::io::writable ? detail::io::hangup : detail::kEnd;
    if ((ends_ & end) == 0) state_->clear(direction_, number_);
}

AsyncFd::AsyncFd(int fd, Ownership ownership) {
    Socket owned(ownership == own ? fd : -1);
    const auto kind = ownership == own ? detail::FdState::Kind::owning : detail::FdState::Kind::borrowed;
    state_ = detail::FdState::make(get_running_loop(), fd, kind);
    owned.detach();
}

detail::FdWait AsyncFd::readable(const TimeLimit& limit) const {
    state_.checked("AsyncFd.readable()");
    return {state_, detail::io::readable, limit.delay()};
}

detail::FdWait AsyncFd::writable(const TimeLimit& limit) const {
    state_.checked("AsyncFd.writable()");
    return {state_, detail::io::writable, limit.delay()};
}

detail::FdWait AsyncFd::priority(const TimeLimit& limit) const {
    state_.checked("AsyncFd.priority()");
    return {state_, detail::io::urgent, limit.delay()};
}

void AsyncFd::close() noexcept {
    if (state_) state_->close();
}

int AsyncFd::detach() noexcept { return state_ ? state_->detach() : -1; }

std::string AsyncFd::repr() const {
    if (!*this) return "<AsyncFd closed>";
    return "<AsyncFd fd=" + std::to_string(fileno()) + ">";
}

}  // namespace aio
