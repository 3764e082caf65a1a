// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file_state_impl.hpp>
#include <aio/fs/threads_impl.hpp>

namespace aio::fs::detail {

FileState::~FileState() {
    if (file().raw().fd() < 0) return;  // nothing that could block
    try {
        execute_in_thread(*holder_);
        static_cast<void>(holder_.release());
    } catch (...) {  // there is no thread any more, or none to be had
        holder_.reset();
    }
}

void FileState::check_loop() const {
    if (given_up_) throw RuntimeError("the loop in which '" + name_ + "' was used is closed");
}

void FileState::enter(Operation& operation) noexcept {
    queue_.push_back(operation);
    if (!turn_) next();
}

void FileState::leave() noexcept {
    turn_ = nullptr;
    look();
    next();
}

void FileState::look() noexcept {
    fd_ = file().raw().fd();
    closed_ = file().raw().closed();
}

// submit() may come back to leave() if there is no thread.
void FileState::next() noexcept {
    turn_ = queue_.pop_front();
    if (turn_) turn_->submit();
}

void FileState::give_up() noexcept {
    given_up_ = true;
    while (Operation* const left = queue_.pop_front()) {
        if (!left->awaited()) left->destroy();
    }
}

}  // namespace aio::fs::detail
