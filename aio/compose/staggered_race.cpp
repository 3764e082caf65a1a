// SPDX-License-Identifier: MIT
#include <aio/base/exception_group.hpp>
#include <aio/compose/staggered_race.hpp>
#include <aio/compose/wait_for.hpp>

namespace aio::detail {
namespace {

Coro<> wait_for_failure(Future<> failed, TimeLimit delay) {
    try {
        co_await wait_for(failed, delay);
    } catch (const TimeoutError&) {
    }
}

}  // namespace

// As in Python a runner waits for its turn, starts the runner after it, and then competes.
Coro<> RaceBase::run_one(Ref<RaceBase> race, std::optional<Future<>> previous_failed) {
    if (previous_failed) co_await wait_for_failure(std::move(*previous_failed), race->delay_);
    if (race->started_ == race->count_) co_return;
    const std::size_t index = race->started_++;
    const Future<> failed = get_running_loop().create_future();
    race->start_runner(race, failed);
    race->errors_.emplace_back();
    try {
        co_await race->compete(index);
    } catch (...) {
        if (handling_exit_exception()) throw;
        race->errors_[index] = std::current_exception();
        if (!failed.done()) failed.set_result();
        co_return;
    }
    // A second one may succeed although it was cancelled.
    if (race->winner_) co_return;
    race->winner_ = index;
    race->cancel_all_but(current_task(), nullptr);
}

void RaceBase::start_runner(const Ref<RaceBase>& self, std::optional<Future<>> previous_failed) {
    const Task<> runner = create_task(run_one(self, std::move(previous_failed)));
    running_.push_back(runner);
    runner.add_done_callback(&RaceBase::runner_done, self);
}

void RaceBase::cancel_all_but(const AnyTask& spared, const std::exception_ptr& cause) const {
    const std::vector<AnyTask> tasks = running_;
    for (const AnyTask& task : tasks) {
        if (task != spared) task.state()->cancel(cause);
    }
}

void RaceBase::runner_done(const Ref<RaceBase>& race, const AnyTask& runner) {
    std::erase(race->running_, runner);
    if (race->running_.empty() && race->all_done_ && !race->all_done_.done()) race->all_done_.set_result();
    if (runner.cancelled()) return;
    if (std::exception_ptr error = runner.exception()) race->unhandled_.push_back(std::move(error));
}

class RaceBase::RunnersForgotten {
public:
    explicit RunnersForgotten(RaceBase& race) noexcept : race_(race) {}
    RunnersForgotten(const RunnersForgotten&) = delete;
    RunnersForgotten& operator=(const RunnersForgotten&) = delete;
    ~RunnersForgotten() { const std::vector<AnyTask> last_handles = std::move(race_.running_); }

private:
    RaceBase& race_;
};

Coro<> RaceBase::run(Ref<RaceBase> race) {
    // If this is destroyed while it waits, the runners go on; but they and the race must not hold each other.
    const RunnersForgotten at_end(*race);
    std::exception_ptr cancelled;
    race->start_runner(race, std::nullopt);
    while (!race->running_.empty()) {
        race->all_done_ = get_running_loop().create_future();
        std::exception_ptr cause;
        try {
            co_await race->all_done_;
        } catch (const CancelledError&) {
            cause = std::current_exception();
        }
        race->all_done_ = Future<>();
        if (cause) {
            race->cancel_all_but(AnyTask(), cause);
            cancelled = std::move(cause);
        }
    }
    if (!race->unhandled_.empty()) throw ExceptionGroup("staggered race failed", race->unhandled_);
    if (cancelled) std::rethrow_exception(std::move(cancelled));
}

}  // namespace aio::detail
