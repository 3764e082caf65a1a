// SPDX-License-Identifier: MIT
// Load generator for UDP echo servers: udp_load PORT SOCKETS SIZE IN_FLIGHT SECONDS
//
// Closed loop, as echo_load: each socket keeps IN_FLIGHT packets of SIZE bytes outstanding, and when k of
// them have come back in one call, k new ones go out with one call. What has been lost goes out again after
// 50 ms of silence. It never sleeps. Before the clock starts, packets with a pattern check that the server
// echoes. "begin" and "end" on stderr tell run.py when to sample the server's CPU time; the result is a JSON
// line.
#include "generator.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kLost = kSecond / 20;

struct Peer {
    int fd = -1;
    std::size_t outstanding = 0;
    std::uint64_t last = 0;  // when something was sent
};

class Generator {
public:
    Generator(int port, std::size_t sockets, std::size_t size, std::size_t in_flight)
        : in_flight_(in_flight),
          packet_(size, 'x'),
          memory_(in_flight, std::string(65536, '\0')),
          in_(in_flight),
          in_vectors_(in_flight),
          out_(in_flight),
          out_vector_{packet_.data(), packet_.size()},
          peers_(sockets) {
        for (std::size_t i = 0; i < in_flight; ++i) {
            in_vectors_[i] = {memory_[i].data(), memory_[i].size()};
            in_[i].msg_hdr.msg_iov = &in_vectors_[i];
            in_[i].msg_hdr.msg_iovlen = 1;
            out_[i].msg_hdr.msg_iov = &out_vector_;
            out_[i].msg_hdr.msg_iovlen = 1;
        }
        for (Peer& peer : peers_) peer.fd = dial(port);
        check_echo(peers_.front().fd, size);
    }

    void run(double seconds) {
        const std::uint64_t start = nanoseconds() + kWarmUp;
        const std::uint64_t stop = start + static_cast<std::uint64_t>(seconds * static_cast<double>(kSecond));
        std::uint64_t begin = 0;
        double cpu = 0;
        for (;;) {
            const std::uint64_t now = nanoseconds();
            if (!begin && now >= start) {
                messages_ = lost_ = 0;
                latencies_ = {};
                cpu = own_cpu_seconds();
                begin = now;
                std::fputs("begin\n", stderr);
            }
            if (now >= stop) {
                cpu = own_cpu_seconds() - cpu;
                std::fputs("end\n", stderr);
                report(static_cast<double>(now - begin) / static_cast<double>(kSecond), cpu);
                return;
            }
            for (Peer& peer : peers_) turn(peer, now);
        }
    }

private:
    static int dial(int port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<in_port_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) die("socket");
        if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
        return fd;
    }

    static void check_echo(int fd, std::size_t size) {
        for (int i = 0; i < 3; ++i) {
            std::string sent(size, static_cast<char>('a' + i)), echoed(65536, '\0');
            if (send(fd, sent.data(), sent.size(), 0) < 0) die("send");
            pollfd wait{fd, POLLIN, 0};
            if (poll(&wait, 1, 5000) != 1) give_up("the server does not echo");
            const ssize_t count = recv(fd, echoed.data(), echoed.size(), 0);
            if (count < 0) die("recv");
            echoed.resize(static_cast<std::size_t>(count));
            if (echoed != sent) give_up("the server echoes something else");
        }
    }

    void turn(Peer& peer, std::uint64_t now) {
        const int count = recvmmsg(peer.fd, in_.data(), static_cast<unsigned>(in_flight_), 0, nullptr);
        if (count > 0) {
            for (int i = 0; i < count; ++i) {
                if (in_[static_cast<std::size_t>(i)].msg_len != packet_.size())
                    give_up("a packet of another size");
                latencies_.add(std::chrono::nanoseconds(now - peer.last));
            }
            messages_ += static_cast<std::uint64_t>(count);
            peer.outstanding -= std::min(peer.outstanding, static_cast<std::size_t>(count));
        } else if (peer.outstanding > 0 && now - peer.last > kLost) {
            lost_ += peer.outstanding;
            peer.outstanding = 0;
        }
        if (peer.outstanding == in_flight_) return;
        const auto missing = static_cast<unsigned>(in_flight_ - peer.outstanding);
        const int sent = sendmmsg(peer.fd, out_.data(), missing, 0);
        if (sent <= 0) return;
        peer.outstanding += static_cast<std::size_t>(sent);
        peer.last = now;
    }

    void report(double seconds, double cpu) const {
        if (lost_ * 100 > messages_) give_up("more than one packet of a hundred is lost");
        print_result(messages_, latencies_, seconds, cpu);
    }

    const std::size_t in_flight_;
    std::string packet_;
    std::vector<std::string> memory_;
    std::vector<mmsghdr> in_;
    std::vector<iovec> in_vectors_;
    std::vector<mmsghdr> out_;
    iovec out_vector_;
    std::vector<Peer> peers_;
    std::uint64_t messages_ = 0;
    std::uint64_t lost_ = 0;
    aio::cli::Histogram latencies_;  // since the peer's last packet went out
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) give_up("usage: udp_load PORT SOCKETS SIZE IN_FLIGHT SECONDS");
    const auto number = [argv](int index) { return std::strtoull(argv[index], nullptr, 10); };
    Generator(std::atoi(argv[1]), number(2), number(3), number(4)).run(std::atof(argv[5]));
}
