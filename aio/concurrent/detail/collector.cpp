// SPDX-License-Identifier: MIT
#include <aio/compose/wait.hpp>
#include <aio/concurrent/detail/collector.hpp>

#include <algorithm>

namespace aio::concurrent::detail {

Collector::Collector(std::vector<Ref<FutureState>> futures) : futures_(std::move(futures)) {
    aio::detail::TrivialVector<const void*> keys;
    for (const auto& future : futures_) keys.push_back(future.get());
    distinct_ = aio::detail::first_occurrences(keys);
    size_ = unfinished_ = distinct_.size();
    finished_.reserve(std::max<std::size_t>(size_, 1));  // finished() must not throw
    watches_ = new Watch[futures_.size()];
    for (const std::size_t index : distinct_) {
        watches_[index].owner = this;
        if (!futures_[index]->observe(watches_[index])) add(index);
    }
}

Collector::~Collector() {
    for (const std::size_t index : distinct_) futures_[index]->forget(watches_[index]);
    delete[] watches_;
}

bool Collector::repeated(std::size_t index) const noexcept {
    return !std::binary_search(distinct_.begin(), distinct_.end(), index);
}

void Collector::Watch::finished(FutureState&) noexcept {
    owner->add(static_cast<std::size_t>(this - owner->watches_));
}

void Collector::add(std::size_t index) noexcept {
    const LockGuard guard(lock_);
    finished_.push_back(index);
    count_.fetch_add(1, std::memory_order_release);
    futex_wake(count_, 1);
}

std::size_t Collector::next(const std::optional<TimePoint>& deadline) {
    bool in_time = true;
    while (count_.load(std::memory_order_acquire) == taken_) {
        if (!in_time) return kNone;
        in_time = futex_wait(count_, static_cast<std::uint32_t>(taken_), deadline);
    }
    const LockGuard guard(lock_);
    --unfinished_;
    return finished_[taken_++];
}

std::optional<TimePoint> deadline_of(const std::optional<Duration>& timeout) noexcept {
    if (!timeout) return std::nullopt;
    return aio::detail::after(TimePoint::clock::now(), *timeout);
}

std::optional<Duration> time_left(const std::optional<TimePoint>& deadline) noexcept {
    if (!deadline) return std::nullopt;
    const TimePoint now = TimePoint::clock::now();
    return *deadline > now ? *deadline - now : Duration::zero();  // the distance to a far past would overflow
}

}  // namespace aio::concurrent::detail
