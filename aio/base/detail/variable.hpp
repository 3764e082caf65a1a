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
///
/// Such variables stand in `inline namespace AIO_LAYOUT`, which names what their layout belongs to: two
/// static aios in one process, of two plugins, find the same variable only if it is the same in both.
#define AIO_LAYOUT layout_0_1  // the library's SOVERSION
#ifdef AIO_SHARED
#define AIO_VARIABLE extern
#define AIO_LINKAGE "shared"
#else
#define AIO_VARIABLE [[gnu::visibility("default")]] inline
#define AIO_LINKAGE "static"
#endif

/// A name for the linker, which tells what a source and the library must agree on.
#define AIO_AGREED_NAME(what) __asm__("aio_0_1_" AIO_LINKAGE "_" what)
