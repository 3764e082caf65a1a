// SPDX-License-Identifier: MIT
#pragma once

#include <aio/pipe/detail/attach_pipe.hpp>
#include <aio/pipe/non_blocking_impl.hpp>

namespace aio::detail {

/// A descriptor of our own for what another one refers to.
struct SharedDescriptor {
    Socket fd;
    NonBlocking held;  ///< until the end; of nothing if its mode need not be changed
};

/// That a descriptor does not block is a property of the open file, which standard input shares with the
/// shell and whatever it starts; they would find their reads failing. So a pipe, FIFO or terminal is opened
/// anew, by way of /proc; sockets are told with each call, and files never block. Only where it cannot be
/// opened, because it is another user's, the mode is changed until the last one that needs it ends. Throws
/// OSError.
SharedDescriptor open_shared(int fd, PipeEnd end);

}  // namespace aio::detail
