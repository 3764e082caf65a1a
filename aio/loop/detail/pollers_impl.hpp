// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/poller.hpp>

#include <memory>

// The kinds of pollers; make_poller() chooses.
namespace aio::detail {

std::unique_ptr<Poller> make_epoll_poller();
/// Throws OSError where the kernel has no io_uring, one that is too old, or forbids it.
std::unique_ptr<Poller> make_uring_poller();

}  // namespace aio::detail
