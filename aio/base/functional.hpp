// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// std::reference_wrapper and std::ref(), a small part of <functional>.
#if __has_include(<bits/refwrap.h>)
#include <bits/refwrap.h>
#else
#include <functional>
#endif
