// SPDX-License-Identifier: MIT
#pragma once

#include <support/fd.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>

namespace aio::tests {

/// A link on which every packet takes some time: what is sent to 10.9.0.2 comes to 10.9.0.1 so much later,
/// and the answers likewise. Needs a network of the test's own.
///
/// It is a mirror: a packet from .1 to .2 comes back as one from .2 to .1. So one listens at .1, connects to
/// .2, and both ends are on this machine.
class DelayingRelay {
public:
    using Clock = std::chrono::steady_clock;

    explicit DelayingRelay(Clock::duration delay) : delay_(delay) {
        tunnel_ = Fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
        if (tunnel_.fd < 0) return;
        set_up();
        relay_ = std::thread([this] { relay(); });
    }
    DelayingRelay(const DelayingRelay&) = delete;
    DelayingRelay& operator=(const DelayingRelay&) = delete;
    ~DelayingRelay() {
        if (!relay_.joinable()) return;
        ::eventfd_write(over_.fd, 1);
        relay_.join();
    }

    /// Whether the machine has TUN devices.
    bool available() const noexcept { return relay_.joinable(); }
    /// How many packets have come to their end.
    int relayed() const noexcept { return relayed_; }
    static std::string here() { return "10.9.0.1"; }
    static std::string there() { return "10.9.0.2"; }

private:
    using Packet = std::array<std::byte, 2048>;
    struct Waiting {
        Clock::time_point due;
        std::size_t size;
        Packet bytes;
    };

    void set_up() const {
        ifreq request{};
        std::strcpy(request.ifr_name, "delaying");
        request.ifr_flags = IFF_TUN | IFF_NO_PI;
        int failed = ::ioctl(tunnel_.fd, TUNSETIFF, &request);
        const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        auto& address = *reinterpret_cast<sockaddr_in*>(&request.ifr_addr);
        address = {};
        address.sin_family = AF_INET;
        ::inet_pton(AF_INET, here().c_str(), &address.sin_addr);
        failed |= ::ioctl(any.fd, SIOCSIFADDR, &request);
        ::inet_pton(AF_INET, "255.255.255.0", &address.sin_addr);
        failed |= ::ioctl(any.fd, SIOCSIFNETMASK, &request);
        request.ifr_flags = IFF_UP | IFF_RUNNING;
        failed |= ::ioctl(any.fd, SIOCSIFFLAGS, &request);
        if (failed) throw std::runtime_error(std::string("the TUN device: ") + std::strerror(errno));
    }

    void relay() {
        std::deque<Waiting> waiting;
        for (;;) {
            std::array<pollfd, 2> events{{{tunnel_.fd, POLLIN, 0}, {over_.fd, POLLIN, 0}}};
            timespec left{};
            if (!waiting.empty()) {
                const auto time = std::max(waiting.front().due - Clock::now(), Clock::duration::zero());
                left.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(time).count();
                left.tv_nsec = (time % std::chrono::seconds(1)).count();
            }
            ::ppoll(events.data(), events.size(), waiting.empty() ? nullptr : &left, nullptr);
            if (events[1].revents != 0) return;
            take(waiting);
            for (; !waiting.empty() && waiting.front().due <= Clock::now(); waiting.pop_front()) {
                [[maybe_unused]] const ssize_t lost =
                    ::write(tunnel_.fd, waiting.front().bytes.data(), waiting.front().size);
                ++relayed_;
            }
        }
    }
    // What was sent comes from where it went to. The checksums stay: they are sums of the same addresses.
    void take(std::deque<Waiting>& waiting) const {
        constexpr std::size_t kSource = 12, kDestination = 16;
        Waiting next{};
        for (ssize_t size = 0; (size = ::read(tunnel_.fd, next.bytes.data(), next.bytes.size())) > 0;) {
            if (std::to_integer<int>(next.bytes[0]) >> 4 != 4) continue;  // IPv6 looks for neighbours
            std::byte* const header = next.bytes.data();
            std::swap_ranges(header + kSource, header + kSource + 4, header + kDestination);
            next.size = static_cast<std::size_t>(size);
            next.due = Clock::now() + delay_;
            waiting.push_back(next);
        }
    }

    const Clock::duration delay_;
    Fd tunnel_;
    const Fd over_{::eventfd(0, EFD_CLOEXEC)};
    std::atomic<int> relayed_ = 0;
    std::thread relay_;
};

}  // namespace aio::tests
