// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/trivial_vector.hpp>
#include <aio/base/ref.hpp>
#include <aio/concurrent/detail/future_state.hpp>

#include <atomic>
#include <optional>
#include <vector>

namespace aio::concurrent::detail {

/// Watches futures and hands out those that are done, in the order in which they were. What wait() and
/// as_completed() are made of. Futures are known by their index.
class Collector {
public:
    /// Equal futures count once: the later ones are never handed out.
    explicit Collector(std::vector<Ref<FutureState>> futures);
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;
    ~Collector();

    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    /// The next one, kNone if `deadline` passes before.
    std::size_t next(const std::optional<TimePoint>& deadline);
    /// How many were not handed out yet.
    std::size_t unfinished() const noexcept { return unfinished_; }
    std::size_t size() const noexcept { return size_; }
    /// The same with the equal ones.
    std::size_t given() const noexcept { return futures_.size(); }
    FutureState& future(std::size_t index) const noexcept { return *futures_[index]; }
    /// Whether an equal future comes before.
    bool repeated(std::size_t index) const noexcept;

private:
    struct Watch final : Observer {
        Collector* owner = nullptr;
        void finished(FutureState& future) noexcept override;
    };
    void add(std::size_t index) noexcept;

    std::vector<Ref<FutureState>> futures_;
    Watch* watches_ = nullptr;
    aio::detail::TrivialVector<std::size_t> distinct_;
    std::size_t size_ = 0;
    std::size_t unfinished_ = 0;
    std::size_t taken_ = 0;
    Lock lock_;
    aio::detail::TrivialVector<std::size_t> finished_;
    std::atomic<std::uint32_t> count_{0};  ///< length of finished_
};

/// The deadline of a timeout that begins now.
std::optional<TimePoint> deadline_of(const std::optional<Duration>& timeout) noexcept;
/// How long it is until then; zero if it has passed.
std::optional<Duration> time_left(const std::optional<TimePoint>& deadline) noexcept;

}  // namespace aio::concurrent::detail
