// SPDX-License-Identifier: MIT
// Load generator for TLS echo servers: tls_load PORT CONNECTIONS SIZE IN_FLIGHT SECONDS [full|resumed]
//
// Closed loop, as echo_load: each connection keeps IN_FLIGHT messages of SIZE bytes outstanding. With `full`
// or `resumed` each connection is closed after its first message and made anew, so that messages count
// handshakes: with `resumed` those that go on with the session of the connection before. It never sleeps.
// "begin" and "end" on stderr tell run.py when to sample the server's CPU time; the result is a JSON line.
#include "../raw/address.hpp"
#include "generator.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

[[noreturn]] void give_up_tls(const char* why) {
    ERR_print_errors_fp(stderr);
    give_up(why);
}

struct Connection {
    int fd = -1;
    SSL* ssl = nullptr;
    SSL_SESSION* session = nullptr;
    bool shaken = false;
    std::size_t to_send = 0;
    std::size_t received = 0;  // of the message that is coming in
    std::uint64_t since = 0;   // when the oldest message was sent, or connecting began
};

class Generator {
public:
    Generator(const char* where, std::size_t connections, std::size_t size, std::size_t in_flight,
              const std::string& mode)
        : where_(where),
          size_(size),
          in_flight_(in_flight),
          anew_(!mode.empty()),
          resumed_(mode == "resumed"),
          context_(SSL_CTX_new(TLS_client_method())),
          out_(size * in_flight, 'x'),
          in_(std::max<std::size_t>(65536, size)),
          connections_(connections) {
        SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
        poller_ = epoll_create1(EPOLL_CLOEXEC);
        for (Connection& connection : connections_) open(connection);
        while (!anew_ && shaken_ < connections) turn();  // handshakes are no part of what is measured
    }

    void run(double seconds) {
        for (const std::uint64_t first = nanoseconds(); nanoseconds() - first < kWarmUp;) turn();
        messages_ = 0;
        latencies_ = {};
        const double cpu = own_cpu_seconds();
        const std::uint64_t begin = nanoseconds();
        const auto length = static_cast<std::uint64_t>(seconds * static_cast<double>(kSecond));
        std::fputs("begin\n", stderr);
        while (nanoseconds() - begin < length) turn();
        const std::uint64_t end = nanoseconds();
        std::fputs("end\n", stderr);
        print_result(messages_, latencies_, static_cast<double>(end - begin) / static_cast<double>(kSecond),
                     own_cpu_seconds() - cpu);
    }

private:
    void open(Connection& connection) {
        const Address address(where_);
        connection.fd = address.socket(0);
        if (connect(connection.fd, address.native(), address.size()) != 0) die("connect");
        fcntl(connection.fd, F_SETFL, O_NONBLOCK);
        const linger at_once{1, 0};  // else there would soon be no port left
        setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        connection.ssl = SSL_new(context_);
        SSL_set_fd(connection.ssl, connection.fd);
        SSL_set_connect_state(connection.ssl);
        if (connection.session) SSL_set_session(connection.ssl, connection.session);
        connection.shaken = false;
        connection.received = 0;
        connection.to_send = 0;
        connection.since = nanoseconds();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        epoll_ctl(poller_, EPOLL_CTL_ADD, connection.fd, &event);
        go_on(connection);
    }

    void close_and_open(Connection& connection) {
        if (resumed_) {
            const bool was_first = !connection.session;
            if (!was_first && !SSL_session_reused(connection.ssl)) give_up_tls("the session was not resumed");
            SSL_SESSION_free(connection.session);
            connection.session = SSL_get1_session(connection.ssl);
        }
        SSL_set_shutdown(connection.ssl,
                         SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // the session stays good
        SSL_free(connection.ssl);
        close(connection.fd);
        open(connection);
    }

    // Whether the call has to be repeated when there is more.
    static bool waits(const Connection& connection, int result) {
        const int error = SSL_get_error(connection.ssl, result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
        give_up_tls("connection lost");
    }

    void go_on(Connection& connection) {
        if (!connection.shaken) {
            const int result = SSL_do_handshake(connection.ssl);
            if (result != 1) {
                waits(connection, result);
                return;
            }
            connection.shaken = true;
            ++shaken_;
            connection.to_send = out_.size();
        }
        for (;;) {
            send_some(connection);
            const int count = SSL_read(connection.ssl, in_.data(), static_cast<int>(in_.size()));
            if (count <= 0) {
                waits(connection, count);
                return;
            }
            connection.received += static_cast<std::size_t>(count);
            const std::size_t whole = connection.received / size_;
            if (whole == 0) continue;
            connection.received -= whole * size_;
            messages_ += whole;
            const std::uint64_t now = nanoseconds();
            latencies_.add(std::chrono::nanoseconds(now - connection.since));
            connection.since = now;
            if (anew_) return close_and_open(connection);
            connection.to_send += whole * size_;
        }
    }

    void send_some(Connection& connection) const {
        while (connection.to_send > 0) {
            const std::size_t size = std::min(connection.to_send, out_.size());
            const int sent = SSL_write(connection.ssl, out_.data(), static_cast<int>(size));
            if (sent <= 0) {
                waits(connection, sent);
                return;  // tried again in the next turn, which is soon
            }
            connection.to_send -= static_cast<std::size_t>(sent);
        }
    }

    void turn() {
        epoll_event events[512];
        const int count = epoll_wait(poller_, events, 512, 0);
        for (int i = 0; i < count; ++i) go_on(*static_cast<Connection*>(events[i].data.ptr));
        if (size_ * in_flight_ < 16384) return;
        for (Connection& connection : connections_) {  // some may have had no room
            if (connection.shaken && connection.to_send > 0) send_some(connection);
        }
    }

    const char* const where_;
    const std::size_t size_, in_flight_;
    const bool anew_, resumed_;
    SSL_CTX* const context_;
    const std::string out_;
    std::vector<char> in_;
    std::vector<Connection> connections_;
    aio::cli::Histogram latencies_;
    int poller_ = -1;
    std::size_t shaken_ = 0;
    std::uint64_t messages_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6 && argc != 7) {
        give_up("usage: tls_load PORT CONNECTIONS SIZE IN_FLIGHT SECONDS [full|resumed]");
    }
    const auto number = [argv](int index) { return std::strtoull(argv[index], nullptr, 10); };
    Generator(argv[1], number(2), number(3), number(4), argc > 6 ? argv[6] : "").run(std::atof(argv[5]));
}
