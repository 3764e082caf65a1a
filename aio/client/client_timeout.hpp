// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/time.hpp>

#include <optional>
#include <utility>

namespace aio::http {

/// How long what of a request may take; no limit where nothing is said, or zero. Mirrors
/// aiohttp.ClientTimeout; a session without options has 300 s for all and 30 s for each connect of a socket.
///
///     session.get(url).timeout(ClientTimeout().total(1min).sock_read(5s));
///
/// A duration converts to it, as the limit of all. Threads: as of an int.
class ClientTimeout {
public:
    ClientTimeout() noexcept {}
    template <class Rep, class Period>
    ClientTimeout(std::chrono::duration<Rep, Period> total)  // NOLINT(google-explicit-constructor)
        : total_(total) {}

    /// From the call to the end of the body, redirects included. TimeoutError.
    ClientTimeout& total(TimeLimit limit) & {
        total_ = limit;
        return *this;
    }
    ClientTimeout&& total(TimeLimit limit) && AIO_LIFETIME_BOUND { return std::move(this->total(limit)); }
    /// To get a connection, from the pool or a new one, waiting for a free place included.
    /// ConnectionTimeoutError.
    ClientTimeout& connect(TimeLimit limit) & {
        connect_ = limit;
        return *this;
    }
    ClientTimeout&& connect(TimeLimit limit) && AIO_LIFETIME_BOUND { return std::move(this->connect(limit)); }
    /// For one connect of a socket. ConnectionTimeoutError.
    ClientTimeout& sock_connect(TimeLimit limit) & {
        sock_connect_ = limit;
        return *this;
    }
    ClientTimeout&& sock_connect(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->sock_connect(limit));
    }
    /// From one piece of the answer to the next. SocketTimeoutError.
    ClientTimeout& sock_read(TimeLimit limit) & {
        sock_read_ = limit;
        return *this;
    }
    ClientTimeout&& sock_read(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->sock_read(limit));
    }
    /// Limits above it end at whole seconds of the loop's clock, so that many end together; 5 s.
    ClientTimeout& ceil_threshold(Duration threshold) & {
        ceil_threshold_ = threshold;
        return *this;
    }
    ClientTimeout&& ceil_threshold(Duration threshold) && AIO_LIFETIME_BOUND {
        return std::move(this->ceil_threshold(threshold));
    }

    const std::optional<Duration>& total() const noexcept { return total_.delay(); }
    const std::optional<Duration>& connect() const noexcept { return connect_.delay(); }
    const std::optional<Duration>& sock_connect() const noexcept { return sock_connect_.delay(); }
    const std::optional<Duration>& sock_read() const noexcept { return sock_read_.delay(); }
    Duration ceil_threshold() const noexcept { return ceil_threshold_; }

    /// When a limit that begins at `now` ends; none for no limit. Mirrors aiohttp's calculate_timeout_when().
    std::optional<TimePoint> deadline(TimePoint now, const std::optional<Duration>& limit) const noexcept;

private:
    TimeLimit total_ = std::nullopt;
    TimeLimit connect_ = std::nullopt;
    TimeLimit sock_connect_ = std::nullopt;
    TimeLimit sock_read_ = std::nullopt;
    Duration ceil_threshold_ = std::chrono::seconds(5);
};

}  // namespace aio::http
