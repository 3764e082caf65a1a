// SPDX-License-Identifier: MIT
// The limit of the TLS echo servers: raw_tls_echo CERTIFICATE PORT. OpenSSL over epoll, which reads and
// writes the socket itself: one SSL_read and one SSL_write per readiness, level-triggered, one buffer for all
// connections; only what the socket did not take is kept. Whoever connects gets what create_default_context()
// of aio gives.
#include "listen.hpp"

#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

constexpr std::size_t kBuffer = 65536;
char buffer[kBuffer];
int poller;
SSL_CTX* context;

struct Connection {
    int fd;
    SSL* ssl;
    std::string rest;
};

void interest(int operation, int fd, std::uint32_t events, Connection* connection) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    epoll_ctl(poller, operation, fd, &event);
}

void drop(Connection* connection) {
    SSL_free(connection->ssl);
    close(connection->fd);
    delete connection;
}

bool waits(const Connection* connection, int result) {
    const int error = SSL_get_error(connection->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

// Whether the connection lives.
bool send_all(Connection* connection, const char* data, std::size_t size) {
    while (size > 0) {
        const int sent = SSL_write(connection->ssl, data, static_cast<int>(size));
        if (sent <= 0) {
            if (!waits(connection, sent)) return false;
            connection->rest.assign(data, size);
            interest(EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
            return true;
        }
        data += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool send_rest(Connection* connection) {
    const std::string rest = std::move(connection->rest);
    connection->rest.clear();
    interest(EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
    return send_all(connection, rest.data(), rest.size());
}

// As much as one call receives, which for TLS may be several records.
bool echo(Connection* connection) {
    std::size_t total = 0;
    while (total < kBuffer) {
        const int count = SSL_read(connection->ssl, buffer + total, static_cast<int>(kBuffer - total));
        if (count <= 0) {
            if (!waits(connection, count)) return false;
            break;
        }
        total += static_cast<std::size_t>(count);
        if (SSL_pending(connection->ssl) == 0 && total < 16384) break;
    }
    return total == 0 || send_all(connection, buffer, total);
}

void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        SSL* const ssl = SSL_new(context);
        SSL_set_fd(ssl, fd);
        SSL_set_accept_state(ssl);
        interest(EPOLL_CTL_ADD, fd, EPOLLIN, new Connection{fd, ssl, {}});
    }
}

}  // namespace

int main(int, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[1], SSL_FILETYPE_PEM) != 1)
        std::abort();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    const int listener = listen_on(argv[2], SOCK_NONBLOCK);
    poller = epoll_create1(EPOLL_CLOEXEC);
    interest(EPOLL_CTL_ADD, listener, EPOLLIN, nullptr);
    epoll_event events[512];
    for (;;) {
        const int count = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < count; ++i) {
            auto* connection = static_cast<Connection*>(events[i].data.ptr);
            if (!connection) {
                accept_all(listener);
            } else if (!(connection->rest.empty() ? echo(connection) : send_rest(connection))) {
                drop(connection);
            }
        }
    }
}
