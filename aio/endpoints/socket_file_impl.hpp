// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <sys/types.h>
#include <string>
#include <utility>

namespace aio::detail {

/// The file of a Unix socket that this process has bound. Removed at the end, before the socket is closed:
/// unless it is somebody else's by then, or this is a forked child, whose parent needs it.
class SocketFile {
public:
    SocketFile() noexcept = default;
    /// The file at `path`, which is there.
    explicit SocketFile(const std::string& path);
    SocketFile(SocketFile&& other) noexcept { *this = std::move(other); }
    SocketFile& operator=(SocketFile&& other) noexcept;
    ~SocketFile() { remove(); }

    /// Idempotent.
    void remove() noexcept;

    /// Takes away the file of a socket at `address` that nobody listens on or receives at, of a server that
    /// is gone. Leaves all else, so that bind() fails. `type`: SOCK_STREAM or SOCK_DGRAM.
    static void remove_stale(const SocketAddress& address, int type);

private:
    std::string path_;  ///< absolute; empty for none
    dev_t device_ = 0;
    ino_t inode_ = 0;
    unsigned generation_ = 0;
};

/// The address of a Unix socket for a call that needs one. Throws ValueError for an empty or overlong one.
SocketAddress unix_address(const std::string& path);

}  // namespace aio::detail
