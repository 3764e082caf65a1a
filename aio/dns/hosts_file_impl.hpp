// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/socket_address.hpp>

#include <sys/types.h>
#include <ctime>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aio::dns::detail {

/// Tells whether a file has changed.
struct FileStamp {
    FileStamp() noexcept = default;
    /// Of a regular file; the same as no file's for anything else.
    explicit FileStamp(const std::string& path) noexcept;
    bool operator==(const FileStamp&) const noexcept = default;

    ino_t inode = 0;
    off_t size = -1;
    time_t seconds = 0;
    long nanoseconds = 0;
};

/// /etc/hosts: read when it is needed first, and again when it has changed. One that cannot be read is empty.
class HostsFile {
public:
    explicit HostsFile(std::string path) : path_(std::move(path)) {}

    struct Host {
        std::vector<SocketAddress> addresses;  ///< without a port
        std::string name;                      ///< the first one in its line
    };
    /// Null if it does not know the name, which is in small letters.
    const Host* find(const std::string& name);
    /// The name of an address, empty if it knows none.
    std::string name_of(const SocketAddress& address);

private:
    void refresh();
    void read_line(const std::string& line);

    std::string path_;
    std::map<std::string, Host> hosts_;
    std::map<std::string, std::string> names_;  ///< by address
    FileStamp stamp_;
};

}  // namespace aio::dns::detail
