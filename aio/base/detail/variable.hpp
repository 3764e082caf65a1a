// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// AIO_VARIABLE declares a variable of which the library and its users must see the same one.
///
/// Linked into one file it is inline, which is the shortest way to it; and visible, as the library's
/// functions are, because where several files of a process have aio in themselves, all that is visible
/// becomes the first one's. Between a shared library and its users (AIO_SHARED, which the target and the .pc
/// file define) an inline variable would become several where two plugins are loaded one after the other.
/// There it is defined in the library alone.
#ifdef AIO_SHARED
#define AIO_VARIABLE extern
#else
#define AIO_VARIABLE [[gnu::visibility("default")]] inline
#endif
