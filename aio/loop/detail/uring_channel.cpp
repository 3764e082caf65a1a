// SPDX-License-Identifier: MIT
#include <aio/loop/detail/uring_channel_impl.hpp>
#include <aio/loop/detail/uring_poller_impl.hpp>

#include <sys/socket.h>
#include <algorithm>
#include <cerrno>

namespace aio::detail {

UringPiece::~UringPiece() {
    if (poller_) poller_->give_back(id_);
}

// --- input ----------------------------------------------------------------------------------------

void UringChannel::start_reading() noexcept {
    if (reading_) return;
    reading_ = true;
    if (!receive_ && end_ < 0) poller_.changed(*this);
}

void UringChannel::stop_reading() noexcept {
    reading_ = false;
    if (receive_ && !receive_.stopping) poller_.changed(*this);
}

void UringChannel::add_input(unsigned id, std::size_t size) noexcept {
    poller_.received(id) = {kNone, 0, size};
    (last_ == kNone ? first_ : poller_.received(last_).next) = id;
    last_ = id;
    ++buffers_;
}

UringPiece UringChannel::take() noexcept {
    if (!held_.empty()) return UringPiece(std::exchange(held_, {}), std::exchange(held_from_, 0));
    const unsigned id = first_;
    const UringPoller::Received& entry = poller_.received(id);
    first_ = entry.next;
    if (first_ == kNone) last_ = kNone;
    --buffers_;
    return UringPiece(poller_, id, poller_.data_of(id));
}

void UringChannel::put_back(UringPiece& piece, std::size_t taken) noexcept {
    if (taken == piece.data_.size()) return;
    if (!piece.poller_) {
        held_from_ = piece.memory_.size() - piece.data_.size() + taken;
        held_ = std::move(piece.memory_);
        return;
    }
    piece.poller_ = nullptr;
    UringPoller::Received& entry = poller_.received(piece.id_);
    entry.from += taken;
    entry.size -= taken;
    entry.next = std::exchange(first_, piece.id_);
    if (last_ == kNone) last_ = first_;
    ++buffers_;
}

void UringChannel::hold() noexcept {
    try {
        while (first_ != kNone) {
            const BytesView data = poller_.data_of(first_);
            held_.append(data.data(), data.size());
            const unsigned id = std::exchange(first_, poller_.received(first_).next);
            --buffers_;
            poller_.give_back(id);
        }
        last_ = kNone;
    } catch (...) {  // no memory: it stays where it is
    }
}

void UringChannel::drop_input() noexcept {
    held_.clear();
    held_from_ = buffers_ = 0;
    while (first_ != kNone) poller_.give_back(std::exchange(first_, poller_.received(first_).next));
    last_ = kNone;
}

// --- output ---------------------------------------------------------------------------------------

void UringChannel::wait_for_output() noexcept {
    wants_output_ = true;
    if (!poll_) poller_.changed(*this);
}

std::size_t UringChannel::defer(BytesView data) noexcept {
    if (send_) return 0;  // the kernel reads `output_`
    const std::size_t count = std::min(data.size(), kMostDeferred - output_.size());
    try {
        output_.append(data.data(), count);
    } catch (...) {
        return 0;
    }
    poller_.changed(*this);
    return count;
}

bool UringChannel::send_deferred() noexcept {
    if (!send_ && !output_.empty()) {
        const ssize_t sent = ::send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) return false;
        output_.erase(0, static_cast<std::size_t>(sent));
    }
    errno = EAGAIN;
    return output_.empty();
}

}  // namespace aio::detail
