// SPDX-License-Identifier: MIT
// The limit of the microbenchmarks: the least that a single-threaded coroutine runtime can do for each of
// them. No cancellation, no exceptions, no I/O, no debug mode: nobody could use it.
//
//   tasks   lazy coroutines with symmetric transfer; spawned ones in one allocation, on an intrusive list
//   memory  coroutine frames from free lists by size
//   timers  a 4-ary heap that knows the place of each timer
//   queues  a ring; locks, events and futures one list; one waiter each
#include "../measure.hpp"

#include <unistd.h>
#include <coroutine>
#include <exception>
#include <utility>
#include <vector>

using measure::sink;
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

// --- the benchmarks

__attribute__((noinline)) Lazy child(int i) { co_return i; }
Job spawned(int i) { co_return i; }
Job sleeper(double deadline) {
    co_await Sleep(deadline);
    co_return 0;
}

Job call(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await child(static_cast<int>(i));
    co_return 0;
}
Job spawn(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await spawned(static_cast<int>(i));
    co_return 0;
}
Job gather(std::uint64_t n, std::uint64_t width) {
    for (std::uint64_t i = 0; i < n; i += width) {
        std::vector<Job> jobs;
        jobs.reserve(width);
        for (std::uint64_t j = 0; j < width; ++j) jobs.push_back(spawned(static_cast<int>(j)));
        for (Job& job : jobs) sink += co_await job;
    }
    co_return 0;
}
Job yield(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await Yield();
    co_return 0;
}

void timer(std::uint64_t n) {
    std::vector<Timer> others(1000);
    const double start = now();
    for (Timer& other : others) {
        other.deadline = start + 5 + static_cast<double>(std::rand() % 1000);
        timers.push(other);
    }
    for (std::uint64_t i = 0; i < n; ++i) {
        Timer one{start + 10 + static_cast<double>(i & 511), {}};
        timers.push(one);
        timers.erase(one);
        sink += timers.size();
    }
    timers.clear();
}

void post(std::uint64_t n) {
    struct Callback {
        Callback* next;
        void (*run)(Callback*);
    };
    Callback* head = nullptr;
    Callback** tail = &head;
    for (std::uint64_t i = 0; i < n; ++i) {
        auto* callback = static_cast<Callback*>(std::malloc(sizeof(Callback)));
        callback->run = [](Callback* self) {
            ++sink;
            std::free(self);
        };
        callback->next = nullptr;
        *tail = callback;
        tail = &callback->next;
        if ((i & 1023) == 1023 || i + 1 == n) {
            while (Callback* first = head) {
                head = first->next;
                first->run(first);
            }
            tail = &head;
        }
    }
}

void sleep(std::uint64_t n) {
    const double deadline = now() + 2;
    std::vector<Job> jobs;
    jobs.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) jobs.push_back(sleeper(deadline));
    run_timers();
}

Job pong(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const int item = co_await there.get();
        co_await back.put(item);
    }
    co_return 0;
}
Job ping(Channel& there, Channel& back, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        co_await there.put(static_cast<int>(i));
        sink += co_await back.get();
    }
    co_return 0;
}
void pingpong(std::uint64_t n) {
    Channel there(1), back(1);
    const Job other = pong(there, back, n);
    const Job one = ping(there, back, n);
    loop.run();
}

Job fill(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) co_await items.put(static_cast<int>(i));
    co_return 0;
}
Job drain(Channel& items, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sink += co_await items.get();
    co_return 0;
}
void queue(std::uint64_t n) {
    Channel items(1024);
    const Job producer = fill(items, n);
    const Job consumer = drain(items, n);
    loop.run();
}

Job hand_over(Mutex& mutex, std::uint64_t n) {
    co_await mutex.acquire();
    for (std::uint64_t i = 0; i < n; ++i) {
        mutex.release();
        co_await mutex.acquire();
    }
    mutex.release();
    co_return 0;
}
void lock(std::uint64_t n) {
    Mutex mutex;
    mutex.locked = true;
    const Job one = hand_over(mutex, n / 2);
    const Job other = hand_over(mutex, n / 2);
    loop.run();
    mutex.release();
    loop.run();
}

Job take_turns(ReadyNode*& mine, ReadyNode*& others, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        wake(others);
        co_await Turn(mine);
    }
    wake(others);
    co_return 0;
}
void event(std::uint64_t n) {
    ReadyNode* a = nullptr;
    ReadyNode* b = nullptr;
    const Job one = take_turns(a, b, n / 2);
    const Job other = take_turns(b, a, n / 2);
    loop.run();
}

Job promise_turns(Promise*& mine, Promise*& others, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        auto* promise = mine = new Promise;
        if (others) {
            others->value = static_cast<int>(i);
            wake(others->waiter);
        }
        co_await Turn(promise->waiter);
        sink += promise->value;
        delete promise;
    }
    if (others) wake(others->waiter);
    co_return 0;
}
void future_wake(std::uint64_t n) {
    Promise* a = nullptr;
    Promise* b = nullptr;
    const Job one = promise_turns(a, b, n / 2);
    const Job other = promise_turns(b, a, n / 2);
    loop.run();
}

void run(const Job&) { loop.run(); }

// --- what a cancellation cannot do without: an error is thrown and caught

struct Cancelled {};

__attribute__((noinline)) void give_up(std::uint64_t i) {
    if (sink + i != 0) throw Cancelled();
}

void cancel(std::uint64_t n) {
    sink = 1;
    for (std::uint64_t i = 0; i < n; ++i) {
        try {
            give_up(i);
        } catch (const Cancelled&) {
            ++sink;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const std::string& bench = request.bench;
    const std::uint64_t n = request.count;
    const measure::Span span;
    if (bench == "call") {
        run(call(n));
    } else if (bench == "spawn") {
        run(spawn(n));
    } else if (bench == "gather1k") {
        run(gather(n, 1000));
    } else if (bench == "gather100k") {
        run(gather(n, 100000));
    } else if (bench == "yield") {
        run(yield(n));
    } else if (bench == "post") {
        post(n);
    } else if (bench == "timer") {
        timer(n);
    } else if (bench == "sleep") {
        sleep(n);
    } else if (bench == "pingpong") {
        pingpong(n);
    } else if (bench == "queue") {
        queue(n);
    } else if (bench == "lock") {
        lock(n);
    } else if (bench == "event") {
        event(n);
    } else if (bench == "future_wake") {
        future_wake(n);
    } else if (bench == "cancel") {
        cancel(n);
    } else {
        request.unknown();
    }
    span.report(bench, n);
}
