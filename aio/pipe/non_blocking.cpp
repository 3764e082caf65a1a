// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/error.hpp>
#include <aio/loop/detail/fork.hpp>
#include <aio/pipe/non_blocking_impl.hpp>
#include <aio/transport/socket.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace aio::detail {

/// The open files of a device that have been changed. Which descriptors are one open file the kernel does not
/// tell everybody, so all that are one file of the file system are restored together.
class HeldDevice {
public:
    explicit HeldDevice(const struct stat& status) : file_system_(status.st_dev), file_(status.st_ino) {}
    HeldDevice(const HeldDevice&) = delete;
    HeldDevice& operator=(const HeldDevice&) = delete;
    ~HeldDevice() {
        if (generation_ != fork_generation) return;
        for (const Changed& one : changed_) ::fcntl(one.fd.fileno(), F_SETFL, one.mode);
    }

    bool is(const struct stat& status) const noexcept {
        return status.st_dev == file_system_ && status.st_ino == file_;
    }
    /// `fd` blocks, in this mode.
    void change(int fd, int mode) {
        changed_.reserve(changed_.size() + 1);
        Socket own(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
        if (!own) raise_os_error(errno, "use descriptor " + std::to_string(fd));
        own.set_nonblocking();
        changed_.push_back({std::move(own), mode});
    }

    unsigned holders = 0;
    std::unique_ptr<HeldDevice> next;

private:
    struct Changed {
        Socket fd;
        int mode;
    };
    dev_t file_system_;
    ino_t file_;
    std::vector<Changed> changed_;
    const unsigned generation_ = fork_generation;
};

namespace {

// A chain, because a vector in libstdc++'s debug mode is no constant.
struct Devices {
    std::mutex mutex;
    std::unique_ptr<HeldDevice> first;
};
constinit Immortal<Devices> the_devices;
Devices& devices() noexcept { return the_devices.value; }
[[gnu::init_priority(60005)]] const AtFork at_fork([] { devices().mutex.lock(); },
                                                   [] { devices().mutex.unlock(); },
                                                   [] { devices().mutex.unlock(); });

// The three below have the lock.
HeldDevice* find(const struct stat& status) noexcept {
    HeldDevice* one = devices().first.get();
    while (one && !one->is(status)) one = one->next.get();
    return one;
}
HeldDevice* add(const struct stat& status) {
    auto added = std::make_unique<HeldDevice>(status);
    added->next = std::move(devices().first);
    devices().first = std::move(added);
    return devices().first.get();
}
void forget_if_unused(const HeldDevice* device) noexcept {
    if (device->holders != 0) return;
    auto* at = &devices().first;
    while (at->get() != device) at = &(*at)->next;
    *at = std::move((*at)->next);
}

}  // namespace

NonBlocking::NonBlocking(int fd) {
    struct stat status{};
    const std::lock_guard guard(devices().mutex);
    const int mode = ::fcntl(fd, F_GETFL);
    if (mode < 0 || ::fstat(fd, &status) != 0) raise_os_error(errno, "use descriptor " + std::to_string(fd));
    HeldDevice* device = find(status);
    if ((mode & O_NONBLOCK) == 0) {
        if (!device) device = add(status);
        try {
            device->change(fd, mode);
        } catch (...) {
            forget_if_unused(device);
            throw;
        }
    }
    if (device) ++device->holders;
    device_ = device;
}

void NonBlocking::release() noexcept {
    if (!device_) return;
    const std::lock_guard guard(devices().mutex);
    --device_->holders;
    forget_if_unused(std::exchange(device_, nullptr));
}

}  // namespace aio::detail
