// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace aio::web::detail {

/// A descriptor that is closed at its end.
class OwnedFd {
public:
    explicit OwnedFd(int fd = -1) noexcept : fd_(fd) {}
    OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    OwnedFd& operator=(OwnedFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~OwnedFd() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

/// A file that was opened for an answer.
struct OpenFile {
    OwnedFd fd;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::string_view coding;  ///< that of what is in it: "br", "gzip", or empty
    int error = 0;            ///< why there is none: an errno value
    bool is_folder = false;
    std::string page;  ///< of what is in a folder, if that was asked for
};

/// Codings that the client accepts and a sibling of the file may have.
struct AcceptedCodings {
    bool br = false;
    bool gzip = false;
};

/// Where a file is looked for.
struct FilePlace {
    std::string root;  ///< empty: `path` is what is opened; else nothing outside of it is
    std::string path;
    bool follow_symlinks = false;                         ///< out of the root
    std::optional<std::string> index_url = std::nullopt;  ///< that of the root, if folders are listed
};

/// Opens a file, or its compressed sibling. To be called in a thread. What is no ordinary file is an error,
/// and does not block.
OpenFile open_file(const FilePlace& place, AcceptedCodings accepted);
/// The same without a thread, if the kernel has the way to it in memory and it lies on a disk of this
/// machine; else none, also for folders, and before Linux 5.12.
std::optional<OpenFile> open_cached_file(const FilePlace& place, AcceptedCodings accepted);

}  // namespace aio::web::detail
