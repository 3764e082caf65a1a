// SPDX-License-Identifier: MIT
// The least that a single-threaded coroutine runtime can do. No cancellation, no exceptions, no I/O, no debug
// mode: nobody could use it.
//
//   tasks   lazy coroutines with symmetric transfer; spawned ones in one allocation, on an intrusive list
//   memory  coroutine frames from free lists by size
//   timers  a 4-ary heap that knows the place of each timer
//   queues  a ring; locks, events and futures one list; one waiter each
#pragma once

#include "../measure.hpp"

#include <unistd.h>
#include <coroutine>
#include <exception>
#include <utility>
#include <vector>

using Resumable = std::coroutine_handle<>;

namespace {

class Pool {
public:
    static void* get(std::size_t size) {
        const std::size_t size_class = class_of(size);
        if (size_class >= kClasses) return ::operator new(size);
        if (void* block = free_[size_class]) {
            free_[size_class] = *static_cast<void**>(block);
            return block;
        }
        if (static_cast<std::size_t>(end_ - cursor_) < size_class * kGrain) {
            cursor_ = static_cast<char*>(std::aligned_alloc(4096, kChunk));
            end_ = cursor_ + kChunk;
        }
        return std::exchange(cursor_, cursor_ + size_class * kGrain);
    }
    static void put(void* block, std::size_t size) {
        const std::size_t size_class = class_of(size);
        if (size_class >= kClasses) {
            ::operator delete(block);
            return;
        }
        *static_cast<void**>(block) = free_[size_class];
        free_[size_class] = block;
    }

private:
    static constexpr std::size_t kGrain = 64, kClasses = 32, kChunk = 1 << 18;
    static constexpr std::size_t class_of(std::size_t size) { return (size + kGrain - 1) / kGrain; }
    static inline void* free_[kClasses];
    static inline char* cursor_;
    static inline char* end_;
};

struct Pooled {
    static void* operator new(std::size_t size) { return Pool::get(size); }
    static void operator delete(void* block, std::size_t size) { Pool::put(block, size); }
};

// --- the ready list

struct ReadyNode {
    ReadyNode* next;
    Resumable coroutine;
};

struct Loop {
    ReadyNode* head = nullptr;
    ReadyNode** tail = &head;

    void push(ReadyNode& node) {
        node.next = nullptr;
        *tail = &node;
        tail = &node.next;
    }
    void run() {
        while (ReadyNode* node = head) {
            head = node->next;
            if (!head) tail = &head;
            node->coroutine.resume();
        }
    }
} loop;

// --- coroutines

struct PromiseBase : Pooled {
    int value;
    std::suspend_always initial_suspend() noexcept { return {}; }
    void return_value(int result) { value = result; }
    void unhandled_exception() { std::terminate(); }
};

template <class Promise>
class FrameOwner {
public:
    explicit FrameOwner(std::coroutine_handle<Promise> frame) : frame_(frame) {}
    FrameOwner(FrameOwner&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~FrameOwner() {
        if (frame_) frame_.destroy();
    }

protected:
    std::coroutine_handle<Promise> frame_;
};

struct LazyPromise;
/// Runs when it is awaited.
struct Lazy : FrameOwner<LazyPromise> {
    using promise_type = LazyPromise;
    using FrameOwner::FrameOwner;
    bool await_ready() { return false; }
    Resumable await_suspend(Resumable awaiter);
    int await_resume();
};
struct LazyPromise : PromiseBase {
    struct Final {
        bool await_ready() noexcept { return false; }
        Resumable await_suspend(std::coroutine_handle<LazyPromise> ended) noexcept {
            return ended.promise().awaiter;
        }
        void await_resume() noexcept {}
    };
    Resumable awaiter;
    Lazy get_return_object() { return Lazy(std::coroutine_handle<LazyPromise>::from_promise(*this)); }
    Final final_suspend() noexcept { return {}; }
};
Resumable Lazy::await_suspend(Resumable awaiter) {
    frame_.promise().awaiter = awaiter;
    return frame_;
}
int Lazy::await_resume() { return frame_.promise().value; }

struct JobPromise;
/// Starts from the ready list as soon as it is made; can be joined.
struct Job : FrameOwner<JobPromise> {
    using promise_type = JobPromise;
    using FrameOwner::FrameOwner;
    struct Join {
        JobPromise& job;
        ReadyNode node{};
        bool await_ready();
        void await_suspend(Resumable awaiter);
        int await_resume();
    };
    Join operator co_await() { return {frame_.promise()}; }
};
struct JobPromise : PromiseBase {
    struct Final {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<JobPromise> ended) noexcept {
            JobPromise& job = ended.promise();
            job.done = true;
            if (job.joiner) loop.push(*job.joiner);
        }
        void await_resume() noexcept {}
    };
    ReadyNode node;
    ReadyNode* joiner = nullptr;
    bool done = false;
    Job get_return_object() {
        const auto frame = std::coroutine_handle<JobPromise>::from_promise(*this);
        node.coroutine = frame;
        loop.push(node);
        return Job(frame);
    }
    Final final_suspend() noexcept { return {}; }
};
bool Job::Join::await_ready() { return job.done; }
void Job::Join::await_suspend(Resumable awaiter) {
    node.coroutine = awaiter;
    job.joiner = &node;
}
int Job::Join::await_resume() { return job.value; }

struct Yield {
    Yield() {}
    ReadyNode node{};
    bool await_ready() { return false; }
    void await_suspend(Resumable awaiter) {
        node.coroutine = awaiter;
        loop.push(node);
    }
    void await_resume() {}
};

// --- timers

struct Timer {
    double deadline;
    Resumable coroutine;
    std::size_t index = 0;
};

class TimerHeap {
public:
    bool empty() const { return timers_.empty(); }
    std::size_t size() const { return timers_.size(); }
    double next_deadline() const { return timers_.front()->deadline; }
    void clear() { timers_.clear(); }

    void push(Timer& timer) {
        timers_.push_back(&timer);
        sift_up(timers_.size() - 1, &timer);
    }
    void erase(Timer& timer) {
        const std::size_t index = timer.index;
        Timer* last = timers_.back();
        timers_.pop_back();
        if (last == &timer) return;
        if (index && timers_[(index - 1) / 4]->deadline > last->deadline) {
            sift_up(index, last);
        } else {
            sift_down(index, last);
        }
    }
    Timer& pop() {
        Timer& first = *timers_.front();
        erase(first);
        return first;
    }

private:
    void place(std::size_t index, Timer* timer) {
        timers_[index] = timer;
        timer->index = index;
    }
    void sift_up(std::size_t index, Timer* timer) {
        while (index) {
            const std::size_t parent = (index - 1) / 4;
            if (timers_[parent]->deadline <= timer->deadline) break;
            place(index, timers_[parent]);
            index = parent;
        }
        place(index, timer);
    }
    void sift_down(std::size_t index, Timer* timer) {
        const std::size_t count = timers_.size();
        for (;;) {
            const std::size_t first = 4 * index + 1;
            if (first >= count) break;
            std::size_t best = first;
            for (std::size_t child = first + 1; child < first + 4 && child < count; ++child) {
                if (timers_[child]->deadline < timers_[best]->deadline) best = child;
            }
            if (timers_[best]->deadline >= timer->deadline) break;
            place(index, timers_[best]);
            index = best;
        }
        place(index, timer);
    }
    std::vector<Timer*> timers_;
} timers;

struct Sleep {
    explicit Sleep(double deadline) : timer{deadline, {}} {}
    Timer timer;
    bool await_ready() { return false; }
    void await_suspend(Resumable awaiter) {
        timer.coroutine = awaiter;
        timers.push(timer);
    }
    void await_resume() {}
};

double now() { return measure::seconds_of(CLOCK_MONOTONIC); }

void run_timers() {
    for (;;) {
        loop.run();
        if (timers.empty()) return;
        const double time = now();
        if (timers.next_deadline() > time) {
            usleep(static_cast<useconds_t>((timers.next_deadline() - time) * 1e6) + 1);
            continue;
        }
        while (!timers.empty() && timers.next_deadline() <= time) timers.pop().coroutine.resume();
    }
}

// --- queues, locks, events, futures

/// Where one coroutine waits until another one wakes it.
struct Turn {
    explicit Turn(ReadyNode*& place) : place(place) {}
    ReadyNode*& place;
    ReadyNode node{};
    bool await_ready() { return false; }
    void await_suspend(Resumable awaiter) {
        node.coroutine = awaiter;
        place = &node;
    }
    void await_resume() {}
};
void wake(ReadyNode*& place) {
    if (place) loop.push(*std::exchange(place, nullptr));
}

struct Channel {
    explicit Channel(std::size_t size) : items(size) {}
    std::vector<int> items;
    std::size_t head = 0, tail = 0;
    ReadyNode* getter = nullptr;
    ReadyNode* putter = nullptr;

    struct Get : Turn {
        explicit Get(Channel& channel) : Turn(channel.getter), channel(channel) {}
        Channel& channel;
        bool await_ready() { return channel.head != channel.tail; }
        int await_resume() {
            const int item = channel.items[channel.head++ % channel.items.size()];
            wake(channel.putter);
            return item;
        }
    };
    struct Put : Turn {
        Put(Channel& channel, int item) : Turn(channel.putter), channel(channel), item(item) {}
        Channel& channel;
        int item;
        bool await_ready() { return channel.tail - channel.head < channel.items.size(); }
        void await_resume() {
            channel.items[channel.tail++ % channel.items.size()] = item;
            wake(channel.getter);
        }
    };
    Get get() { return Get(*this); }
    Put put(int item) { return Put(*this, item); }
};

/// Handed over in the order of asking.
struct Mutex {
    bool locked = false;
    ReadyNode* head = nullptr;
    ReadyNode** tail = &head;

    struct Acquire {
        explicit Acquire(Mutex& mutex) : mutex(mutex) {}
        Mutex& mutex;
        ReadyNode node{};
        bool await_ready() {
            if (mutex.locked) return false;
            return mutex.locked = true;
        }
        void await_suspend(Resumable awaiter) {
            node.coroutine = awaiter;
            node.next = nullptr;
            *mutex.tail = &node;
            mutex.tail = &node.next;
        }
        void await_resume() {}
    };
    Acquire acquire() { return Acquire(*this); }
    void release() {
        if (ReadyNode* first = head) {
            head = first->next;
            if (!head) tail = &head;
            loop.push(*first);
        } else {
            locked = false;
        }
    }
};

struct Promise : Pooled {
    ReadyNode* waiter = nullptr;
    int value = 0;
};

}  // namespace
