// SPDX-License-Identifier: MIT
#include <aio/concurrent/wait.hpp>

#include <string>

namespace aio::concurrent::detail {

aio::detail::TrivialVector<bool> wait_for_futures(Collector& collector, const WaitOptions& options) {
    const std::optional<TimePoint> deadline = deadline_of(options.get_timeout());
    constexpr TimePoint kNow{};  // long ago: takes what is there
    const ReturnWhen when = options.get_return_when();
    aio::detail::TrivialVector<bool> finished;
    while (finished.size() < collector.given()) finished.push_back(false);
    bool enough = false;
    while (collector.unfinished() > 0) {
        const std::size_t index = collector.next(enough ? std::optional(kNow) : deadline);
        if (index == Collector::kNone) break;
        finished[index] = true;
        const FutureState& future = collector.future(index);
        enough = enough || when == ReturnWhen::first_completed ||
                 (when == ReturnWhen::first_exception && !future.cancelled() && future.error());
    }
    return finished;
}

void raise_unfinished(std::size_t unfinished, std::size_t all) {
    throw TimeoutError(std::to_string(unfinished) + " (of " + std::to_string(all) + ") futures unfinished");
}

}  // namespace aio::concurrent::detail
