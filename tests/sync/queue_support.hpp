// SPDX-License-Identifier: MIT
#pragma once

#include <sync/sync_support.hpp>

#include <string>

namespace aio::tests {

/// What the tests of queues have in common: tasks that get and put, and say so.
struct QueueTest : SyncTest {
    template <class Q>
    Coro<> get(Q& queue, std::string name) {
        try {
            const int item = co_await queue.get();
            trace.push_back(name + std::to_string(item));
        } catch (const QueueShutDown&) {
            trace.push_back(name + " shut down");
        }
    }
    template <class Q>
    Coro<> put(Q& queue, int item) {
        try {
            co_await queue.put(item);
            trace.push_back("put " + std::to_string(item));
        } catch (const QueueShutDown&) {
            trace.push_back("refused " + std::to_string(item));
        }
    }
    static std::string format(const std::string& repr) {
        return repr.substr(repr.find("maxsize"), repr.size() - repr.find("maxsize") - 1);
    }
};

}  // namespace aio::tests
