// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// std::shared_ptr, std::unique_ptr and std::allocator. <memory> also brings the atomic pointers, the
/// algorithms on raw storage and std::auto_ptr: a thirtieth of including aio.
#if __has_include(<bits/shared_ptr.h>)
#include <bits/shared_ptr.h>
#else
#include <memory>
#endif
