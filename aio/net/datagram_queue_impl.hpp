// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace aio::detail {

/// Packets that wait, to be sent or to be delivered, oldest first. Their bytes stand side by side, so that
/// neighbours can be sent as one.
class DatagramQueue {
public:
    /// What a packet counts besides its bytes, so that empty ones count.
    static constexpr std::size_t kHeader = 8;

    bool empty() const noexcept { return first_ == packets_.size(); }
    std::size_t count() const noexcept { return packets_.size() - first_; }
    /// Of all of them, with their headers.
    std::size_t size() const noexcept { return bytes_.size() - offset_ + count() * kHeader; }

    /// Copies a packet to the end. If there is no memory nothing is changed.
    void push(BytesView data, const SocketAddress& address);

    /// The packet `index` places behind the oldest. Valid until the next push() or pop().
    const SocketAddress& address(std::size_t index) const noexcept {
        return packets_[first_ + index].address;
    }
    BytesView data(std::size_t index) const noexcept {
        const Packet& packet = packets_[first_ + index];
        return {bytes_.data() + packet.begin, end_of(first_ + index) - packet.begin};
    }
    /// Forgets the oldest `count`.
    void pop(std::size_t count) noexcept;

private:
    struct Packet {
        SocketAddress address;
        std::size_t begin;
    };
    std::size_t end_of(std::size_t place) const noexcept {
        return place + 1 < packets_.size() ? packets_[place + 1].begin : bytes_.size();
    }

    std::string bytes_;
    std::vector<Packet> packets_;
    std::size_t first_ = 0;   // packets before it are gone
    std::size_t offset_ = 0;  // and so are bytes before it
};

}  // namespace aio::detail
