// SPDX-License-Identifier: MIT
#pragma once

/// std::reference_wrapper and std::ref(), a small part of <functional>.
#if __has_include(<bits/refwrap.h>)
#include <bits/refwrap.h>
#else
#include <functional>
#endif
