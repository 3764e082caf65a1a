// SPDX-License-Identifier: MIT
#include <aio/net/datagram_batch_impl.hpp>
#include <aio/net/datagram_queue_impl.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace aio::detail {

// --- input ----------------------------------------------------------------------------------------

ReceivedBatch& ReceivedBatch::of_this_thread() {
    thread_local std::unique_ptr<ReceivedBatch> batch;
    if (!batch) batch = std::make_unique<ReceivedBatch>();
    return *batch;
}

// Only what is used of it takes memory.
ReceivedBatch::ReceivedBatch() : memory_(std::make_unique_for_overwrite<char[]>(kMemory)) { arrange(true); }

void ReceivedBatch::arrange(bool is_udp) noexcept {
    is_udp_ = is_udp;
    const std::size_t room = is_udp ? kUdpRoom : kOtherRoom;
    for (unsigned i = 0; i < kMost; ++i) {
        vectors_[i] = {memory_.get() + (i * (room + kSkew)) % kMemory, room};
        messages_[i] = {};
    }
    used_ = kMost;
}

void ReceivedBatch::refresh() noexcept {
    for (unsigned i = 0; i < used_; ++i) {
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &slots_[i].name;
        header.msg_namelen = sizeof(Name);
        header.msg_iov = &vectors_[i];
        header.msg_iovlen = 1;
        header.msg_control = is_udp_ ? slots_[i].control : nullptr;
        header.msg_controllen = is_udp_ ? sizeof slots_[i].control : 0;
    }
    used_ = 0;
}

int ReceivedBatch::receive(int fd, bool is_udp, unsigned most, bool& all) noexcept {
    if (is_udp != is_udp_) arrange(is_udp);
    refresh();
    most = std::min<unsigned>(most, is_udp ? kMost : kMemory / (kOtherRoom + kSkew));
    const int count = ::recvmmsg(fd, messages_.data(), most, MSG_DONTWAIT, nullptr);
    used_ = count > 0 ? static_cast<unsigned>(count) : 1;  // also a failed call may write to the first
    all = used_ < most;
    return count;
}

std::size_t ReceivedBatch::packet_size(int index) const noexcept {
    const mmsghdr& message = messages_[static_cast<unsigned>(index)];
    const std::size_t size = message.msg_len;
    msghdr header = message.msg_hdr;
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) continue;
        int packet = 0;
        std::memcpy(&packet, CMSG_DATA(control), sizeof packet);
        return packet > 0 ? std::min(size, static_cast<std::size_t>(packet)) : size;
    }
    return size;
}

// --- output ---------------------------------------------------------------------------------------

OutgoingBatch::OutgoingBatch(const DatagramQueue& queue, bool join, bool named) noexcept {
    const auto count = static_cast<unsigned>(std::min<std::size_t>(queue.count(), kMost));
    while (packets_count_ < count) {
        const unsigned first = packets_count_;
        const unsigned place = messages_count_++;
        const unsigned together = join ? join_from(queue, first) : 1;
        const BytesView begin = queue.data(first);
        const BytesView last = queue.data(first + together - 1);
        vectors_[place] = {const_cast<char*>(begin.data()),
                           static_cast<std::size_t>(last.data() + last.size() - begin.data())};
        sizes_[place] = static_cast<unsigned char>(together);
        packets_count_ += together;

        msghdr& header = messages_[place].msg_hdr;
        header = {};
        header.msg_iov = &vectors_[place];
        header.msg_iovlen = 1;
        if (named) {
            const SocketAddress& address = queue.address(first);
            header.msg_name = const_cast<sockaddr*>(address.native());
            header.msg_namelen = address.native_size();
        }
        if (together == 1) continue;
        header.msg_control = controls_[place].bytes;
        header.msg_controllen = sizeof controls_[place].bytes;
        cmsghdr* const control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(begin.size());
        std::memcpy(CMSG_DATA(control), &size, sizeof size);
    }
}

// How many packets from `first` on go as one message: all of one size, but for the last, which may be
// shorter.
unsigned OutgoingBatch::join_from(const DatagramQueue& queue, unsigned first) noexcept {
    constexpr std::size_t kMostBytes = 65'000;  // with the headers less than 64 KiB
    const auto count = static_cast<unsigned>(std::min<std::size_t>(queue.count(), kMost));
    const std::size_t size = queue.data(first).size();
    std::size_t bytes = size;
    unsigned next = first + 1;
    while (size > 0 && next < count) {
        const std::size_t more = queue.data(next).size();
        if (more == 0 || more > size || bytes + more > kMostBytes) break;
        if (!(queue.address(next) == queue.address(first))) break;
        bytes += more;
        ++next;
        if (more < size) break;
    }
    return next - first;
}

unsigned OutgoingBatch::packets_in(unsigned count) const noexcept {
    unsigned packets = 0;
    for (unsigned i = 0; i < count; ++i) packets += sizes_[i];
    return packets;
}

}  // namespace aio::detail
