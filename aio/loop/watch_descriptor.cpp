// SPDX-License-Identifier: MIT
// The descriptors of a loop: those watched for the user, and which of them transports use.
#include <aio/loop/descriptor_watch_impl.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <string>

namespace aio {

Handle EventLoop::watch(int fd, std::uint32_t direction, Ref<detail::HandleState> handle) {
    check_call();
    if (fd < 0) throw ValueError("Invalid file descriptor: " + std::to_string(fd));
    if (descriptor_is_watched(fd) && !parts_->watches.contains(fd)) {
        throw RuntimeError("File descriptor " + std::to_string(fd) + " is used by a transport");
    }
    if (!parts_->watches.contains(fd)) {
        parts_->watches.emplace(fd, std::make_unique<detail::DescriptorWatch>(fd, ready_));
    }
    auto& watch = parts_->watches[fd];
    // Registered anew, because the descriptor may have been closed and its number given out again.
    const std::uint32_t interest = watch->interest | direction;
    poller_->remove(*watch);
    try {
        poller_->add(*watch, interest);
    } catch (...) {
        const std::unique_ptr<detail::DescriptorWatch> lost = std::move(watch);
        parts_->watches.erase(fd);
        lost->cancel();
        throw;
    }
    const Ref<detail::HandleState> replaced = std::exchange(watch->slot(direction), handle);
    if (replaced) replaced->cancel();  // last: destroys a callable, which may come back to the loop
    return Handle(std::move(handle));
}

bool EventLoop::unwatch(int fd, std::uint32_t direction) {
    check_thread();
    if (closed_) return false;
    const auto found = parts_->watches.find(fd);
    if (found == parts_->watches.end()) return false;
    detail::DescriptorWatch& watch = *found->second;
    const Ref<detail::HandleState> removed = std::exchange(watch.slot(direction), nullptr);
    if (!removed) return false;
    if (watch.interest == direction) {
        poller_->remove(watch);
        parts_->watches.erase(found);
    } else {
        try {
            poller_->modify(watch, watch.interest & ~direction);
        } catch (const OSError&) {  // it was closed before it was removed: what is left can only be removed
            watch.interest &= ~direction;
        }
    }
    removed->cancel();  // last: destroys a callable, which may come back to the loop
    return true;
}

bool EventLoop::descriptor_is_watched(int fd) const noexcept {
    const auto index = static_cast<std::size_t>(fd);
    return parts_->watches.contains(fd) || (index < parts_->claimed.size() && parts_->claimed[index]);
}

void EventLoop::claim_descriptor(int fd) {
    if (descriptor_is_watched(fd)) {
        throw RuntimeError("File descriptor " + std::to_string(fd) + " is already watched by the loop");
    }
    const auto index = static_cast<std::size_t>(fd);
    if (index >= parts_->claimed.size()) parts_->claimed.resize(index + 1);
    parts_->claimed[index] = true;
}

void EventLoop::release_descriptor(int fd) noexcept {
    const auto index = static_cast<std::size_t>(fd);
    if (index < parts_->claimed.size()) parts_->claimed[index] = false;
}

}  // namespace aio
