// SPDX-License-Identifier: MIT
// Load generator for echo and web servers: echo_load PORT CONNECTIONS SIZE IN_FLIGHT SECONDS
//                                          echo_load PORT CONNECTIONS FILE IN_FLIGHT SECONDS ANSWER [MODE]
//
// PORT is one of the loopback, or @NAME, a Unix socket with an abstract name.
// Closed loop: each connection keeps IN_FLIGHT messages outstanding. When k whole answers have come in one
// read, k new messages go out with one write, so that the generator does not fragment the stream. It never
// sleeps, so the server does not pay for waking it, unless MODE is `patient`, because the server needs the
// processor, too. If it is `websocket`, connections begin with a handshake; if it is `room`, too, and one of
// them sends a message whenever the one before has come out of all of them. A message of SIZE bytes is
// echoed; before the clock starts, a few connections check byte for byte that it is. It is
// "<length>\n<body>", so that servers of that protocol can be measured as well. The message in FILE, whose
// path begins with a slash, is answered by ANSWER bytes. "begin" and "end" on stderr tell run.py when to
// sample the server's CPU time; the result is a JSON line.
#include "../raw/address.hpp"
#include "generator.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string message_of(std::size_t size) {
    for (std::size_t digits = 1; digits < 10 && digits < size; ++digits) {
        const std::size_t body = size - digits - 1;
        const std::string head = std::to_string(body) + "\n";
        if (head.size() == digits + 1) return head + std::string(body, 'x');
    }
    give_up("no message has that size");
}

std::string content_of(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (content.empty()) give_up("there is no message in the file");
    return content;
}

std::string repeated(const std::string& message, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += message;
    return all;
}

struct Connection {
    int fd = -1;
    bool waits_for_room = false;
    std::size_t received = 0;            // bytes of the message that is coming in
    std::size_t to_send = 0;             // bytes still to be written
    std::size_t sent = 0;                // bytes of the message that is going out
    std::vector<std::uint64_t> sent_at;  // ring of send times
    std::size_t oldest = 0, newest = 0;
};

class Generator {
public:
    /// `answer`: its size; 0 if messages are echoed.
    Generator(const char* where, std::size_t connections, const std::string& message, std::size_t in_flight,
              std::size_t answer, std::string_view mode)
        : size_(message.size()),
          answer_(answer > 0 ? answer : size_),
          in_flight_(in_flight),
          room_(mode == "room"),
          timeout_(mode == "patient" ? 1 : 0),
          out_(repeated(message, in_flight)),
          in_(std::max<std::size_t>({65536, out_.size(), std::min<std::size_t>(answer_, 262144)})),
          connections_(connections) {
        poller_ = epoll_create1(EPOLL_CLOEXEC);
        std::size_t number = 0;
        for (Connection& connection : connections_) {
            connection.fd = dial(where);
            if (answer == 0 && number++ < 4) check_echo(connection.fd);
            if (mode == "websocket" || mode == "room") shake_hands(connection.fd);
            connection.sent_at.resize(in_flight);
            fcntl(connection.fd, F_SETFL, O_NONBLOCK);
            interest(EPOLL_CTL_ADD, connection, EPOLLIN);
        }
    }

    void run(double seconds) {
        const std::uint64_t first = nanoseconds();
        const std::uint64_t start = first + kWarmUp;
        const std::uint64_t stop = start + static_cast<std::uint64_t>(seconds * static_cast<double>(kSecond));
        for (Connection& connection : connections_) {
            for (std::size_t i = 0; i < in_flight_; ++i) connection.sent_at[i] = first;
            if (room_ && &connection != &connections_.front()) continue;
            connection.to_send = out_.size();
            send_some(connection);
        }
        std::uint64_t begin = 0, last_event = first;
        double cpu = 0;
        for (;;) {
            const std::uint64_t now = turn(last_event);
            if (!begin && now >= start) {
                messages_ = 0;
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
        }
    }

private:
    static int dial(const char* where) {
        const Address address(where);
        const int fd = address.socket(0);
        if (fd < 0) die("socket");
        if (connect(fd, address.native(), address.size()) != 0) die("connect");
        return fd;
    }

    void shake_hands(int fd) const {
        const std::string request =
            std::string("GET ") + (room_ ? "/room" : "/echo") +
            " HTTP/1.1\r\nHost: aio\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) die("send");
        std::string head;
        for (char c = 0; !head.ends_with("\r\n\r\n"); head += c) {
            if (recv(fd, &c, 1, 0) <= 0) give_up("no WebSocket");
        }
        if (!head.starts_with("HTTP/1.1 101 ")) give_up("the server does not switch to WebSocket");
    }

    // Three messages whose bodies have a pattern, in and out at the same time.
    void check_echo(int fd) const {
        std::string sent = repeated(message_of(size_), 3), echoed;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            if (sent[i] == 'x')
                sent[i] = static_cast<char>((i * 131 + static_cast<std::size_t>(fd) * 7) >> 1);
        }
        std::size_t written = 0;
        std::vector<char> chunk(65536);
        const std::uint64_t start = nanoseconds();
        while (echoed.size() < sent.size()) {
            if (nanoseconds() - start > 5 * kSecond) give_up("the server does not echo");
            if (written < sent.size()) {
                const ssize_t count =
                    send(fd, sent.data() + written, sent.size() - written, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (count > 0) written += static_cast<std::size_t>(count);
            }
            pollfd wait{fd, static_cast<short>(written < sent.size() ? POLLIN | POLLOUT : POLLIN), 0};
            poll(&wait, 1, 100);
            const ssize_t count = recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
            if (count == 0) give_up("the server closed the connection");
            if (count > 0) echoed.append(chunk.data(), static_cast<std::size_t>(count));
        }
        if (echoed != sent) give_up("the server echoes something else");
    }

    void interest(int operation, Connection& connection, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &connection;
        epoll_ctl(poller_, operation, connection.fd, &event);
    }

    // All messages are alike, so it does not matter with which of those in the buffer a write begins.
    void send_some(Connection& connection) const {
        while (connection.to_send > 0) {
            const std::size_t room = out_.size() - connection.sent;
            const std::size_t size = connection.to_send < room ? connection.to_send : room;
            const ssize_t sent = send(connection.fd, out_.data() + connection.sent, size, MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno != EAGAIN) die("send");
                if (!connection.waits_for_room) interest(EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
                connection.waits_for_room = true;
                return;
            }
            connection.to_send -= static_cast<std::size_t>(sent);
            connection.sent = (connection.sent + static_cast<std::size_t>(sent)) % size_;
        }
        if (connection.waits_for_room) interest(EPOLL_CTL_MOD, connection, EPOLLIN);
        connection.waits_for_room = false;
    }

    void receive(Connection& connection) {
        const ssize_t count = recv(connection.fd, in_.data(), in_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) give_up("connection lost");
        connection.received += static_cast<std::size_t>(count);
        if (connection.received < answer_) return;
        const std::size_t whole = connection.received / answer_;
        connection.received -= whole * answer_;
        const std::uint64_t now = nanoseconds();
        for (std::size_t i = 0; i < whole; ++i) {
            latencies_.add(
                std::chrono::nanoseconds(now - connection.sent_at[connection.oldest++ % in_flight_]));
            connection.sent_at[connection.newest++ % in_flight_] = now;
        }
        messages_ += whole;
        if (room_) {
            to_come_ -= whole;
            if (to_come_ == 0) speak(now);
        } else {
            connection.to_send += whole * size_;
        }
    }

    /// The next message to a room in which all have heard the one before.
    void speak(std::uint64_t now) {
        to_come_ = connections_.size();
        for (Connection& connection : connections_) connection.sent_at[0] = now;
        connections_.front().to_send += size_;
        send_some(connections_.front());
    }

    std::uint64_t turn(std::uint64_t& last_event) {
        epoll_event events[512];
        const int count = epoll_wait(poller_, events, 512, timeout_);
        const std::uint64_t now = nanoseconds();
        if (count > 0) last_event = now;
        if (now - last_event > 3 * kSecond) give_up("stalled");
        for (int i = 0; i < count; ++i) {
            auto& connection = *static_cast<Connection*>(events[i].data.ptr);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection);
            if (connection.to_send && (!connection.waits_for_room || (events[i].events & EPOLLOUT))) {
                send_some(connection);
            }
        }
        return now;
    }

    void report(double seconds, double cpu) const { print_result(messages_, latencies_, seconds, cpu); }

    const std::size_t size_, answer_, in_flight_;
    const bool room_;
    const int timeout_;  // in milliseconds
    const std::string out_;
    std::vector<char> in_;
    std::vector<Connection> connections_;
    std::size_t to_come_ = connections_.size();  // of the message to a room
    int poller_ = -1;
    std::uint64_t messages_ = 0;
    aio::cli::Histogram latencies_;
};

}  // namespace

int main(int argc, char** argv) {
    const bool echoed = argc == 6 && *argv[3] != '/';
    const std::string_view mode = argc == 8 ? argv[7] : "";
    if (!echoed && argc != 7 && mode != "patient" && mode != "websocket" && mode != "room") {
        give_up(
            "usage: echo_load PORT CONNECTIONS SIZE IN_FLIGHT SECONDS or ... FILE IN_FLIGHT SECONDS ANSWER "
            "[patient|websocket|room]");
    }
    const auto number = [argv](int index) { return std::strtoull(argv[index], nullptr, 10); };
    const std::string message = echoed ? message_of(number(3)) : content_of(argv[3]);
    Generator(argv[1], number(2), message, number(4), echoed ? 0 : number(6), mode).run(std::atof(argv[5]));
}
