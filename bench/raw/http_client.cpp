// SPDX-License-Identifier: MIT
// The limit of web clients: raw_http_client URL N. Asks N times, 64 requests at once on as many connections,
// and knows of an answer only its length: the least that a client on epoll can do, edge-triggered.
#include "../measure.hpp"
#include "address.hpp"

#include <sys/epoll.h>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kInFlight = 64;

struct Connection {
    int fd = -1;
    std::string head = {};  // that has not come whole
    std::size_t left = 0;   // of the body
};

class Client {
public:
    explicit Client(std::string_view url) {
        constexpr std::string_view kStart = "http://127.0.0.1:";
        if (!url.starts_with(kStart)) std::abort();
        url.remove_prefix(kStart.size());
        const std::size_t slash = url.find('/');
        const std::string port(url.substr(0, slash));
        request_ = "GET " + std::string(url.substr(slash)) + " HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                   "\r\nUser-Agent: raw\r\nAccept: */*\r\n\r\n";
        const Address address(port.c_str());
        for (Connection& connection : connections_) {
            connection.fd = address.socket(0);
            if (connect(connection.fd, address.native(), address.size()) != 0) std::abort();
            epoll_event event{};
            event.events = EPOLLIN | EPOLLET;
            event.data.ptr = &connection;
            epoll_ctl(poller_, EPOLL_CTL_ADD, connection.fd, &event);
        }
    }

    void run(std::uint64_t count) {
        to_send_ = to_receive_ = count;
        for (Connection& connection : connections_) ask(connection);
        epoll_event ready[kInFlight];
        while (to_receive_ > 0) {
            const int events = epoll_wait(poller_, ready, kInFlight, -1);
            for (int i = 0; i < events; ++i) receive(*static_cast<Connection*>(ready[i].data.ptr));
        }
    }

private:
    void ask(const Connection& connection) {
        if (to_send_ == 0) return;
        --to_send_;
        if (send(connection.fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) std::abort();
    }

    void receive(Connection& connection) {
        static char buffer[65536];
        const ssize_t count = recv(connection.fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) std::abort();
        if (!take(connection, {buffer, static_cast<std::size_t>(count)})) return;
        --to_receive_;
        ask(connection);
    }

    // Whether that was the end of an answer.
    static bool take(Connection& connection, std::string_view data) {
        if (connection.left == 0) {
            if (!connection.head.empty()) data = connection.head.append(data);
            const std::size_t end = data.find("\r\n\r\n");
            if (end == data.npos) {
                connection.head = std::string(data);
                return false;
            }
            const std::string_view head = data.substr(0, end);
            constexpr std::string_view kLength = "\r\nContent-Length: ";
            const std::size_t at = head.find(kLength);
            if (!head.starts_with("HTTP/1.1 200 ") || at == head.npos) std::abort();
            std::from_chars(head.data() + at + kLength.size(), head.data() + end, connection.left);
            data.remove_prefix(end + 4);
        }
        connection.left -= data.size();
        if (connection.left == 0) connection.head.clear();
        return connection.left == 0;
    }

    const int poller_ = epoll_create1(EPOLL_CLOEXEC);
    std::string request_;
    std::vector<Connection> connections_ = std::vector<Connection>(kInFlight);
    std::uint64_t to_send_ = 0, to_receive_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    Client client(request.bench);
    client.run(kInFlight);  // each connection once
    const measure::Span span;
    client.run(request.count);
    span.report(request.bench, request.count);
}
