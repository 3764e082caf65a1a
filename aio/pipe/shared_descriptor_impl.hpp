// SPDX-License-Identifier: MIT
#pragma once

#include <aio/pipe/detail/attach_pipe.hpp>

namespace aio::detail {

/// A descriptor of our own for what another one refers to.
struct SharedDescriptor {
    Socket fd;
    int mode;  ///< to be restored at the end; -1 if there is nothing to restore
};

/// That a descriptor does not block is a property of the open file, which standard input shares with the
/// shell and whatever it starts; they would find their reads failing. So a pipe, FIFO or terminal is opened
/// anew, by way of /proc; sockets are told with each call, and files never block. Only where it cannot be
/// opened, because it is another user's, the mode is changed until the end. Throws OSError.
SharedDescriptor open_shared(int fd, PipeEnd end);

}  // namespace aio::detail
