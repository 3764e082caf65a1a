// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>

namespace aio::detail {

enum class PipeEnd : bool { reading, writing };

/// Makes the transport and waits until its connection_made() was called. `pipe` is any descriptor that one
/// can wait for.
Coro<Ref<Transport>> attach_pipe(Socket pipe, std::shared_ptr<BaseProtocol> protocol, PipeEnd end);

/// The same for `fd` of another owner, such as standard input: it stays open and, where that is possible,
/// the mode that it shares with other processes stays as it is. Takes regular files, too.
Coro<Ref<Transport>> attach_shared(int fd, std::shared_ptr<BaseProtocol> protocol, PipeEnd end);

}  // namespace aio::detail
