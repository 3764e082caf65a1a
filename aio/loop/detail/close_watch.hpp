// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>

namespace aio::detail {

/// What has to hear of the loop's close although no descriptor of it is registered and nothing is queued or
/// armed. LoopParts::close_watches lists them.
class CloseWatch : public ListLink {
public:
    /// The loop closes, and has let go of its tasks. The watch is not in the list any more.
    virtual void on_loop_closed() noexcept = 0;

protected:
    ~CloseWatch() { unlink(); }
};

}  // namespace aio::detail
