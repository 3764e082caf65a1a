// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// std::chrono's durations, clocks and literals. libstdc++ keeps them apart from the calendar and the
/// stream formatting that <chrono> also brings, which would be the largest part of including aio.
#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
