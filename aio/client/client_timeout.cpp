// SPDX-License-Identifier: MIT
#include <aio/client/client_timeout.hpp>

namespace aio::http {

std::optional<TimePoint> ClientTimeout::deadline(TimePoint now,
                                                 const std::optional<Duration>& limit) const noexcept {
    if (!limit || *limit <= Duration::zero()) return std::nullopt;
    const TimePoint end = aio::detail::after(now, *limit);
    if (*limit <= ceil_threshold_ || end == TimePoint::max()) return end;
    const auto whole = std::chrono::ceil<std::chrono::seconds>(end.time_since_epoch());
    return TimePoint(whole);
}

}  // namespace aio::http
