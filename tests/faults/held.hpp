// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>

#include <aio/loop.hpp>

#include <sys/wait.h>
#include <cstddef>
#include <ostream>

namespace aio::tests {

/// What a loop and its process hold. After a fault it is what it was before.
struct Held {
    int descriptors = 0;
    unsigned watched = 0;  ///< descriptors, by the loop
    std::size_t tasks = 0;
    std::size_t timers = 0;
    std::size_t threads = 0;  ///< calls that they have not finished
    bool children = false;    ///< running or not reaped

    bool operator==(const Held&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Held& held) {
        return out << held.descriptors << " descriptors, " << held.watched << " watched, " << held.tasks
                   << " tasks, " << held.timers << " timers, " << held.threads << " calls in threads"
                   << (held.children ? ", children" : "");
    }
};

inline Held held_by(const EventLoop& loop) {
    const EventLoop::Stats stats = loop.stats();
    siginfo_t info{};
    const bool children = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    return {open_descriptors(), stats.descriptors, stats.tasks, stats.timers, stats.threads, children};
}

}  // namespace aio::tests
