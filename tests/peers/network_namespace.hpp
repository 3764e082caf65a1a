// SPDX-License-Identifier: MIT
#pragma once

#include <support/fd.hpp>

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace aio::tests {

/// A network of the calling thread's own, as long as the object lives: a loopback that begins with nothing,
/// whose packets nftables may drop or answer with a reset. All of 127.0.0.0/8 and ::1 is this machine.
///
/// Segments are small, as on Ethernet, and lost ones are sent again soon, so that a test of loss is short.
/// Threads that the test begins are in the same network, other ones are not.
class NetworkNamespace {
public:
    NetworkNamespace() {
        outside_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        if (::unshare(CLONE_NEWNET) != 0) {
            missing_ = std::string("no network of its own: ") + std::strerror(errno);
            return;
        }
        inside_ = true;
        set_up_loopback();
        std::ofstream("/proc/sys/net/ipv4/tcp_rto_min_us")
            << "20000";  // since Linux 6.11; others wait longer
        if (!nft("add table inet test\n"
                 "add counter inet test hit\n"
                 "add chain inet test arriving { type filter hook input priority 0 ; }\n"
                 "add chain inet test leaving { type filter hook output priority 0 ; }\n"
                 "add rule inet test arriving tcp dport 1 reject with tcp reset\n"
                 "add rule inet test arriving numgen random mod 10 < 1 counter name hit drop\n"
                 "flush chain inet test arriving\n")) {
            missing_ = "no nftables here, or the kernel lacks a part of it";
        }
    }
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;
    ~NetworkNamespace() {
        if (inside_ && ::setns(outside_.fd, CLONE_NEWNET) != 0) std::abort();  // the next test would be here
    }

    /// Why there is none, as text for people; empty if there is.
    const std::string& missing() const noexcept { return missing_; }

    /// What becomes of packets that come to a socket here, as an nftables rule: "tcp dport 80 drop". A word
    /// HIT in it counts the packet.
    void arriving(const std::string& rule) const { add("arriving", rule); }
    /// The same for packets that are sent here. The sender learns of what is dropped.
    void leaving(const std::string& rule) const { add("leaving", rule); }
    /// No rule any more. What was counted stays.
    void be_kind() const { must("flush chain inet test arriving\nflush chain inet test leaving\n"); }
    /// How many packets were counted.
    int hits() const {
        std::FILE* const output = ::popen((program() + " list counter inet test hit").c_str(), "r");
        std::string text(4096, '\0');
        text.resize(output ? std::fread(text.data(), 1, text.size(), output) : 0);
        if (output) ::pclose(output);
        const std::size_t found = text.find("packets ");
        if (found == std::string::npos) throw std::runtime_error("nft printed: " + text);
        return std::stoi(text.substr(found + 8));
    }

private:
    static std::string program() { return "PATH=$PATH:/usr/sbin:/sbin nft"; }
    static bool nft(const std::string& commands) {
        std::FILE* const input = ::popen((program() + " -f - 2>/dev/null").c_str(), "w");
        if (!input) return false;
        std::fputs(commands.c_str(), input);
        return ::pclose(input) == 0;
    }
    static void must(const std::string& commands) {
        if (!nft(commands)) throw std::runtime_error("nft refused: " + commands);
    }
    static void add(const char* chain, std::string rule) {
        const std::size_t hit = rule.find("HIT");
        if (hit != std::string::npos) rule.replace(hit, 3, "counter name hit");
        must(std::string("add rule inet test ") + chain + " " + rule + "\n");
    }

    static void set_up_loopback() {
        const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ifreq request{};
        std::strcpy(request.ifr_name, "lo");
        request.ifr_flags = IFF_UP | IFF_RUNNING;
        int failed = ::ioctl(any.fd, SIOCSIFFLAGS, &request);
        request.ifr_mtu = 1500;
        failed |= ::ioctl(any.fd, SIOCSIFMTU, &request);
        for (const unsigned offload : {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO}) {
            ethtool_value off{offload, 0};
            request.ifr_data = reinterpret_cast<char*>(&off);
            failed |= ::ioctl(any.fd, SIOCETHTOOL, &request);
        }
        if (failed) throw std::runtime_error(std::string("the loopback: ") + std::strerror(errno));
    }

    Fd outside_;
    bool inside_ = false;
    std::string missing_;
};

}  // namespace aio::tests
