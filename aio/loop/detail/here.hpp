// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/variable.hpp>

namespace aio {
class EventLoop;
}  // namespace aio

namespace aio::detail {

class ContextSlot;
class TaskState;

/// What runs in this thread.
///
/// One variable, because where the library is position independent each one costs its address.
struct Here {
    EventLoop* loop = nullptr;
    TaskState* task = nullptr;       ///< null in callbacks and outside of the loop
    ContextSlot* context = nullptr;  ///< that of the code; null until something is set outside of any loop
};
inline namespace AIO_LAYOUT {
AIO_VARIABLE constinit thread_local Here here;
}

}  // namespace aio::detail
