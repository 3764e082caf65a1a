// SPDX-License-Identifier: MIT
// The limit of the UDP echo servers: raw_udp_echo [batch] PORT. The least that one on epoll can do: per
// packet one recvmsg and one sendmsg; or, with `batch`, recvmmsg and sendmmsg for up to 32. Packets that the
// socket does not take are lost.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr unsigned kMost = 32;
constexpr std::size_t kRoom = 65536;

struct Packet {
    sockaddr_in sender;
    iovec vector;
};
char memory[kMost][kRoom];
Packet packets[kMost];
mmsghdr messages[kMost];

int bind_to(int port) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    return fd;
}

void prepare(unsigned i) {
    packets[i].vector = {memory[i], kRoom};
    messages[i].msg_hdr.msg_name = &packets[i].sender;
    messages[i].msg_hdr.msg_namelen = sizeof packets[i].sender;
    messages[i].msg_hdr.msg_iov = &packets[i].vector;
    messages[i].msg_hdr.msg_iovlen = 1;
}

void echo_each(int fd) {
    for (unsigned i = 0; i < kMost; ++i) {
        const ssize_t size = recvmsg(fd, &messages[0].msg_hdr, 0);
        if (size < 0) return;
        packets[0].vector.iov_len = static_cast<std::size_t>(size);
        sendmsg(fd, &messages[0].msg_hdr, 0);
        prepare(0);
    }
}

void echo_batch(int fd) {
    const int count = recvmmsg(fd, messages, kMost, 0, nullptr);
    if (count <= 0) return;
    const auto received = static_cast<unsigned>(count);
    for (unsigned i = 0; i < received; ++i) packets[i].vector.iov_len = messages[i].msg_len;
    sendmmsg(fd, messages, received, 0);
    for (unsigned i = 0; i < received; ++i) prepare(i);
}

}  // namespace

int main(int argc, char** argv) {
    const int fd = bind_to(std::atoi(argv[argc - 1]));
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    for (unsigned i = 0; i < kMost; ++i) prepare(i);
    for (;;) {
        if (epoll_wait(poller, &event, 1, -1) < 1) continue;
        if (argc > 2) {
            echo_batch(fd);
        } else {
            echo_each(fd);
        }
    }
}
