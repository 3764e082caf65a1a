// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/loop/detail/pollers_impl.hpp>
#include <aio/loop/detail/uring_poller_impl.hpp>
#include <aio/loop/shuffle_impl.hpp>

#include <linux/io_uring.h>
#include <poll.h>
#include <sys/socket.h>
#include <cerrno>
#include <utility>

namespace aio::detail {
namespace {

// All other completions tell their channel, and in the lowest bits which operation it was.
constexpr std::uint64_t kReadiness = 0;
constexpr std::uint64_t kOperationBits = 3;

// Of the memory for deferred output, while there is none.
constexpr std::size_t kMostKept = 4096;

[[noreturn]] void throw_other_thread() {
    throw RuntimeError("A loop with io_uring and open connections stays in the thread that ran it first");
}

void prepare_poll(io_uring_sqe& sqe, int fd, unsigned events, std::uint64_t tag) noexcept {
    sqe.opcode = IORING_OP_POLL_ADD;
    sqe.fd = fd;
    sqe.poll32_events = events;
    sqe.user_data = tag;
}

void prepare_receive(io_uring_sqe& sqe, int fd, std::uint64_t tag) noexcept {
    sqe.opcode = IORING_OP_RECV;
    sqe.fd = fd;
    sqe.ioprio = IORING_RECV_MULTISHOT;
    sqe.flags = IOSQE_BUFFER_SELECT;
    sqe.buf_group = Uring::kBufferGroup;
    sqe.user_data = tag;
}

void prepare_send(io_uring_sqe& sqe, int fd, BytesView data, std::uint64_t tag) noexcept {
    sqe.opcode = IORING_OP_SEND;
    sqe.fd = fd;
    sqe.addr = reinterpret_cast<std::uintptr_t>(data.data());
    sqe.len = static_cast<unsigned>(data.size());
    sqe.msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
    sqe.user_data = tag;
}

void prepare_cancel(io_uring_sqe& sqe, std::uint64_t what, std::uint64_t tag) noexcept {
    sqe.opcode = IORING_OP_ASYNC_CANCEL;
    sqe.fd = -1;
    sqe.addr = what;
    sqe.user_data = tag;
}

}  // namespace

std::unique_ptr<Poller> make_uring_poller() { return std::unique_ptr<Poller>(new UringPoller()); }

UringPoller::UringPoller() : ring_(new Uring()), readiness_(make_epoll_poller()) {}

UringPoller::~UringPoller() {
    if (inherited()) ring_->leave_to_parent();
    if (!given_up_channels_.empty()) ring_->abandon_buffers();
}

void UringPoller::check_process() const {
    if (inherited()) throw RuntimeError("a forked child cannot use the poller of its parent");
}

void UringPoller::shuffle(Shuffle& order) noexcept {
    order_ = &order;
    readiness_->shuffle(order);
}

// --- channels -------------------------------------------------------------------------------------

UringChannel& UringPoller::open(int fd, UringClient& client) {
    check_process();
    if (channels_.empty() && ring_->is_another_threads()) take_over();
    if (!ring_->need_buffers()) throw_other_thread();
    auto* const channel = new UringChannel(*this, fd, client);
    channels_.push_back(*channel);
    ++open_channels_;
    return *channel;
}

void UringPoller::give_up(UringChannel& channel) noexcept {
    channel.client_ = nullptr;
    channel.reading_ = channel.wants_output_ = false;
    channel.drop_input();
    if (!channel.send_) channel.output_.clear();
    --open_channels_;
    channel.unlink();
    given_up_channels_.push_back(channel);
    if (channel.in_flight()) {
        changed(channel);
    } else {
        drop_if_done(channel);
    }
}

void UringPoller::settle() noexcept {
    if (given_up_channels_.empty() || inherited()) return;
    submit_changes();
    ring_->try_enter();
}

void UringPoller::drop_if_done(UringChannel& channel) noexcept {
    if (channel.client_ || channel.in_flight() || channel.changed_) return;
    channel.unlink();
    delete &channel;
}

// --- what goes into the ring ----------------------------------------------------------------------

void UringPoller::changed(UringChannel& channel) noexcept {
    if (std::exchange(channel.changed_, true)) return;
    (last_changed_ ? last_changed_->next_changed_ : first_changed_) = &channel;
    last_changed_ = &channel;
}

// Whether all of it had room.
bool UringPoller::submit_changes() noexcept {
    while (UringChannel* const channel = first_changed_) {
        if (!submit(*channel)) {
            if (ring_->try_enter() != 0 || !submit(*channel)) return false;
        }
        first_changed_ = std::exchange(channel->next_changed_, nullptr);
        if (!first_changed_) last_changed_ = nullptr;
        channel->changed_ = false;
        drop_if_done(*channel);
    }
    return true;
}

// False if there was no room for all that has to be submitted; it can be called again.
bool UringPoller::submit(UringChannel& channel) noexcept {
    using Channel = UringChannel;
    io_uring_sqe* sqe = nullptr;
    if (!channel.client_) {
        return submit_cancel(channel, channel.send_, Channel::kSend) &&
               submit_cancel(channel, channel.receive_, Channel::kReceive) &&
               submit_cancel(channel, channel.poll_, Channel::kPoll);
    }
    if (!channel.send_ && !channel.output_.empty()) {
        if (!(sqe = ring_->next())) return false;
        prepare_send(*sqe, channel.fd_, BytesView(channel.output_), channel.tag(Channel::kSend));
        channel.send_.in_flight = true;
    }
    if (channel.wants_output_ && !channel.poll_) {
        if (!(sqe = ring_->next())) return false;
        prepare_poll(*sqe, channel.fd_, POLLOUT, channel.tag(Channel::kPoll));
        channel.poll_.in_flight = true;
    }
    if (!channel.reading_) return submit_cancel(channel, channel.receive_, Channel::kReceive);
    if (!channel.receive_ && channel.end_ < 0) {
        if (!(sqe = ring_->next())) return false;
        prepare_receive(*sqe, channel.fd_, channel.tag(Channel::kReceive));
        channel.receive_.in_flight = true;
    }
    return true;
}

bool UringPoller::submit_cancel(UringChannel& channel, UringChannel::Running& running,
                                UringChannel::Operation which) noexcept {
    if (!running || running.stopping) return true;
    io_uring_sqe* const sqe = ring_->next();
    if (!sqe) return false;
    prepare_cancel(*sqe, channel.tag(which), channel.tag(UringChannel::kCancel));
    ++channel.cancels_;
    return running.stopping = true;
}

bool UringPoller::submit_readiness() noexcept {
    if (watching_readiness_) return true;
    io_uring_sqe* const sqe = ring_->next();
    if (!sqe) return false;
    prepare_poll(*sqe, readiness_->descriptor(), POLLIN, kReadiness);
    return watching_readiness_ = true;
}

void UringPoller::enter(Duration timeout) {
    if (!submit_changes() || !submit_readiness()) timeout = Duration::zero();
    if (ring_->enter(timeout)) return;
    take_over();
    if (!submit_readiness()) timeout = Duration::zero();
    ring_->enter(timeout);
}

// The ring is another thread's (rule 2).
void UringPoller::take_over() {
    reap();
    if (!channels_.empty() || !given_up_channels_.empty()) throw_other_thread();
    ring_.reset(new Uring());
    watching_readiness_ = false;
}

// --- what comes out of it -------------------------------------------------------------------------

int UringPoller::poll(Duration timeout) {
    check_process();
    events_ = 0;
    enter(timeout);
    reap();
    if (order_) [[unlikely]]
        tell_shuffled();
    if (std::exchange(any_ready_, false)) {
        watching_readiness_ = false;
        events_ += readiness_->poll(Duration::zero());
    }
    return events_;
}

bool UringPoller::reap() noexcept {
    return ring_->reap(
        [this](std::uint64_t tag, int result, std::uint32_t flags) { completed(tag, result, flags); });
}

void UringPoller::completed(std::uint64_t tag, int result, std::uint32_t flags) noexcept {
    if (tag == kReadiness) {
        any_ready_ = true;
        return;
    }
    const std::uintptr_t place = tag & ~kOperationBits;
    auto& channel = *reinterpret_cast<UringChannel*>(place);
    switch (tag & kOperationBits) {
        case UringChannel::kReceive:
            receive_completed(channel, result, flags);
            break;
        case UringChannel::kSend:
            send_completed(channel, result);
            break;
        case UringChannel::kCancel:
            cancel_completed(channel, result);
            break;
        default:
            channel.poll_ = {};
            channel.wants_output_ = false;
            tell(channel, &UringClient::on_output);
    }
    drop_if_done(channel);
}

void UringPoller::receive_completed(UringChannel& channel, int result, std::uint32_t flags) noexcept {
    if (!(flags & IORING_CQE_F_MORE)) channel.receive_ = {};
    if (flags & IORING_CQE_F_BUFFER) {
        const unsigned id = flags >> IORING_CQE_BUFFER_SHIFT;
        if (result > 0 && channel.client_) {
            channel.add_input(id, static_cast<std::size_t>(result));
        } else {
            give_back(id);
        }
    }
    if (result == 0) {
        channel.end_ = 0;
    } else if (result < 0 && result != -ENOBUFS && result != -ECANCELED && result != -EINTR) {
        channel.end_ = -result;
    }
    if (!channel.client_) return;
    if (channel.reading_ && !channel.receive_ && channel.end_ < 0) changed(channel);
    if (result > 0 || channel.end_ >= 0) tell(channel, &UringClient::on_input);
}

void UringPoller::send_completed(UringChannel& channel, int result) noexcept {
    channel.send_ = {};
    const bool again = result == -EAGAIN || result == -EINTR;
    if (result < 0 && !again) channel.error_ = -result;
    if (!channel.client_ || channel.error_) {
        channel.output_.clear();
    } else if (!again) {
        channel.output_.erase(0, static_cast<std::size_t>(result));
    }
    if (channel.output_.empty()) {
        if (channel.output_.capacity() > kMostKept) std::string().swap(channel.output_);
    } else {  // MSG_WAITALL leaves a rest only before an error, which the next one meets
        changed(channel);
        return;
    }
    tell(channel, &UringClient::on_output);
}

// What was not found has ended, or was just about to go on and does: that is asked again.
void UringPoller::cancel_completed(UringChannel& channel, int result) noexcept {
    --channel.cancels_;
    if (result != -ENOENT && result != -EALREADY) return;
    bool again = false;
    for (UringChannel::Running* running : {&channel.receive_, &channel.poll_, &channel.send_}) {
        again = std::exchange(running->stopping, false) || again;
    }
    if (again) changed(channel);
}

void UringPoller::tell(UringChannel& channel, void (UringClient::*event)() noexcept) noexcept {
    if (!channel.client_) return;
    ++events_;
    if (order_) [[unlikely]] {
        try {
            shuffled_.push_back({&channel, event});
            return;
        } catch (...) {  // no memory: in the order in which it came
        }
    }
    (channel.client_->*event)();
}

void UringPoller::tell_shuffled() noexcept {
    order_->permute(shuffled_.data(), shuffled_.size());
    for (const Event& event : shuffled_) (event.channel->client_->*event.what)();
    shuffled_.clear();
}

// What the kernel may still touch has to stay until it does not. If it cannot be asked, because the ring is
// another thread's, or does not answer, that is for ever.
void UringPoller::close() noexcept {
    while (UringChannel* const channel = channels_.front())
        channel->client_->on_poller_closed();  // gives it up
    readiness_->close();
    if (inherited()) return;
    reap();
    while (!given_up_channels_.empty()) {
        submit_changes();
        const int error = ring_->try_enter(std::chrono::seconds(1));
        const bool again = error == EINTR || error == EAGAIN || error == EBUSY;
        if (!reap() && !again) return;
    }
}

}  // namespace aio::detail
