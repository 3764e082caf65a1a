// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// AIO_LIFETIME_BOUND behind a parameter, or behind a function for its object: what is returned refers to it.
/// clang warns where a temporary is given and the result is kept.
#ifdef __clang__
#define AIO_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define AIO_LIFETIME_BOUND
#endif
