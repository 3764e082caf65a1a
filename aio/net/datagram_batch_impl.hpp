// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/transport/socket_address.hpp>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <array>
#include <cstddef>
#include <memory>

namespace aio::detail {

class DatagramQueue;

/// What one system call has received: up to 32 messages, each of which may be several packets of one size
/// that the kernel has joined (UDP_GRO). All endpoints of a thread receive into the same one, so what is in
/// it is valid until the next of them does.
class ReceivedBatch {
public:
    static constexpr unsigned kMost = 32;
    /// Messages of UDP are smaller than this; those of others are cut at 256 KiB, of which 8 are received.
    static constexpr std::size_t kUdpRoom = 64 * 1024;
    static constexpr std::size_t kOtherRoom = 256 * 1024;

    /// The thread's. Throws std::bad_alloc.
    static ReceivedBatch& of_this_thread();
    ReceivedBatch();

    /// Receives up to `most` messages: how many there were, or -1 and errno. Fewer than were asked for, or
    /// than there is room for, means that none is left; `all` tells whether that is so.
    int receive(int fd, bool is_udp, unsigned most, bool& all) noexcept;

    BytesView data(int index) const noexcept {
        const mmsghdr& message = messages_[static_cast<unsigned>(index)];
        return {static_cast<const char*>(message.msg_hdr.msg_iov->iov_base), message.msg_len};
    }
    /// The size of the packets that a message is made of; its own size if it is one.
    std::size_t packet_size(int index) const noexcept;
    const sockaddr* sender(int index) const noexcept {
        return reinterpret_cast<const sockaddr*>(&slots_[static_cast<unsigned>(index)].name);
    }
    socklen_t sender_size(int index) const noexcept {
        return messages_[static_cast<unsigned>(index)].msg_hdr.msg_namelen;
    }

private:
    // Not the same distance as the processor's caches have, which would put all beginnings in one place.
    static constexpr std::size_t kSkew = 192;
    static constexpr std::size_t kMemory = kMost * (kUdpRoom + kSkew);
    union Name {
        sockaddr_in6 ip;
        sockaddr_un local;
        sockaddr_in v4;
    };
    struct Slot {
        Name name;
        alignas(cmsghdr) char control[256];  // also for what the program may have switched on, see cmsg(3)
    };
    void arrange(bool is_udp) noexcept;
    void refresh() noexcept;

    std::unique_ptr<char[]> memory_;
    std::array<mmsghdr, kMost> messages_;
    std::array<iovec, kMost> vectors_;
    std::array<Slot, kMost> slots_;
    unsigned used_ = kMost;  // of the last call, whose headers the kernel has written to
    bool is_udp_ = true;
};

/// Packets on their way out, as one system call takes them.
class OutgoingBatch {
public:
    static constexpr unsigned kMost = 64;

    /// Takes the oldest packets of `queue`. With `join`, neighbours of one size and to one address become one
    /// message (UDP_SEGMENT). `named`: the socket is not connected, so messages have addresses.
    OutgoingBatch(const DatagramQueue& queue, bool join, bool named) noexcept;

    /// How many messages were sent, or -1 and errno.
    int send(int fd) noexcept { return ::sendmmsg(fd, messages_.data(), messages_count_, MSG_NOSIGNAL); }
    unsigned messages() const noexcept { return messages_count_; }
    unsigned packets() const noexcept { return packets_count_; }
    /// How many packets the first `count` messages are.
    unsigned packets_in(unsigned count) const noexcept;
    bool is_joined(unsigned message) const noexcept { return sizes_[message] > 1; }

private:
    struct alignas(cmsghdr) Control {
        char bytes[CMSG_SPACE(sizeof(std::uint16_t))];
    };
    unsigned join_from(const DatagramQueue& queue, unsigned first) noexcept;

    std::array<mmsghdr, kMost> messages_;
    std::array<iovec, kMost> vectors_;
    std::array<Control, kMost> controls_;
    std::array<unsigned char, kMost> sizes_;  // packets of each message
    unsigned messages_count_ = 0;
    unsigned packets_count_ = 0;
};

}  // namespace aio::detail
