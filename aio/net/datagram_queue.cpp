// SPDX-License-Identifier: MIT
#include <aio/net/datagram_queue_impl.hpp>

namespace aio::detail {

void DatagramQueue::push(BytesView data, const SocketAddress& address) {
    packets_.push_back({address, bytes_.size()});
    try {
        bytes_.append(data.data(), data.size());
    } catch (...) {
        packets_.pop_back();
        throw;
    }
}

void DatagramQueue::pop(std::size_t count) noexcept {
    constexpr std::size_t kWorthIt = 256;
    for (std::size_t i = 0; i < count; ++i) packets_[first_ + i].address = SocketAddress();
    offset_ = count > 0 ? end_of(first_ + count - 1) : offset_;
    first_ += count;
    if (first_ < kWorthIt || first_ * 2 < packets_.size()) return;
    packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(first_));
    bytes_.erase(0, offset_);
    for (Packet& packet : packets_) packet.begin -= offset_;
    first_ = offset_ = 0;
}

}  // namespace aio::detail
