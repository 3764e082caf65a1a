// SPDX-License-Identifier: MIT
// The limit of the thread benchmarks: what the kernel needs to wake a thread and be woken by it. A thread
// sleeps on a futex, a loop in epoll_wait() on an eventfd; what goes between them is one pointer or a
// lock-free stack.
#include "../measure.hpp"

#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <thread>
#include <utility>

using measure::sink;

namespace {

constexpr std::uint64_t kBatch = 1024;

class Futex {
public:
    void set(std::uint32_t value) {
        word_.store(value);
        ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
    void wait_while(std::uint32_t value) {
        while (word_.load() == value)
            ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
    }

private:
    std::atomic<std::uint32_t> word_{0};
};

class Poll {
public:
    Poll() {
        epoll_event event{EPOLLIN | EPOLLET, {}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event);
    }
    void wake() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
    }
    void wait() {
        epoll_event event;
        ::epoll_wait(epoll_, &event, 1, -1);
    }

private:
    int epoll_ = ::epoll_create1(0);
    int event_ = ::eventfd(0, EFD_NONBLOCK);
};

void to_thread(std::uint64_t n) {
    Futex job;
    Poll poll;
    std::atomic<bool> done{false};
    std::thread worker([&] {
        for (std::uint64_t i = 0; i < n; ++i) {
            job.wait_while(static_cast<std::uint32_t>(i));
            ++sink;
            done = true;
            poll.wake();
        }
    });
    for (std::uint64_t i = 0; i < n; ++i) {
        job.set(static_cast<std::uint32_t>(i + 1));
        while (!done.exchange(false)) poll.wait();
    }
    worker.join();
}

struct Node {
    Node* next;
};

// As in aio's inbox, only a poster that finds the stack empty wakes the loop.
void post(std::uint64_t n, std::uint64_t batch) {
    std::atomic<Node*> top{nullptr};
    Poll poll;
    Futex ran;
    std::thread poster([&] {
        for (std::uint64_t i = 0; i < n; i += batch) {
            for (std::uint64_t j = 0; j < batch; ++j) {
                Node* node = new Node;
                node->next = top.load();
                while (!top.compare_exchange_weak(node->next, node)) {
                }
                if (!node->next) poll.wake();
            }
            ran.wait_while(static_cast<std::uint32_t>(i));
        }
    });
    for (std::uint64_t count = 0; count < n;) {
        Node* node = top.exchange(nullptr);
        if (!node) poll.wait();
        while (node) {
            ++sink;
            delete std::exchange(node, node->next);
            if (++count % batch == 0) ran.set(static_cast<std::uint32_t>(count));
        }
    }
    poster.join();
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const measure::Span span;
    if (request.bench == "to_thread") {
        to_thread(request.count);
    } else if (request.bench == "post_thread") {
        post(request.count, 1);
    } else if (request.bench == "post_thread_batch") {
        post(request.count / kBatch * kBatch, kBatch);
    } else {
        request.unknown();
    }
    span.report(request.bench, request.count);
}
