// SPDX-License-Identifier: MIT
// S139, S140: calls on sockets of one's own, and looking up names.
#include "network.hpp"

#include <aio/net/sock.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <string>
#include <support/turns.hpp>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S139_calls_on_sockets_of_ones_own) {
    run([&]() -> Coro<> {
        const Socket listener = bound_socket();
        listener.listen(100);
        Socket client = Socket::stream(AF_INET);
        auto accepting = create_task(sock_accept(listener));
        co_await sock_connect(client, listener.getsockname());
        auto accepted = co_await std::move(accepting);
        Socket& peer = accepted.first;
        const bool blocks = (::fcntl(peer.fileno(), F_GETFL) & O_NONBLOCK) == 0;
        print(blocks, accepted.second == client.getsockname());
        const std::string data(3'000'000, 'z');
        const Task<> sending = create_task(sock_sendall(client, data));
        std::size_t n = 0;
        std::string buffer(65536, '\0');
        while (n < data.size()) n += co_await sock_recv_into(peer, buffer);
        co_await sending;
        print("None", n);
        client.close();
        const std::string end = co_await sock_recv(peer, 9);
        print(b(end));
        ::fcntl(listener.fileno(), F_SETFL, 0);
        loop().set_debug(true);
        try {
            co_await sock_accept(listener);
        } catch (const ValueError& e) {
            print(e.what());
        }
        loop().set_debug(false);
        const int fd = peer.fileno();
        auto streams = co_await open_connection(std::move(peer));
        try {
            loop().add_reader(fd, [] {});
        } catch (const RuntimeError&) {
            print("RuntimeError");
        }
        streams.second.close();
    });
    expect("False True\nNone 3000000\nb''\nthe socket must be non-blocking\nRuntimeError\n");
}

TEST_F(Conformance, S139_a_cancelled_receive_removes_its_watcher) {
    auto [a, peer] = socketpair();
    run([&]() -> Coro<> {
        Task<std::string> receiving = create_task(sock_recv(a, 10));
        co_await turns(2);
        receiving.cancel();
        try {
            co_await receiving;
        } catch (const CancelledError&) {
            print("cancelled");
        }
        print(loop().remove_reader(a.fileno()));
        write_text(peer.fileno(), "later");
        const std::string later = co_await sock_recv(a, 10);
        print(b(later));
        receiving = create_task(sock_recv(a, 10));
        std::vector<std::string> order;
        receiving.add_done_callback([&](const Task<std::string>& t) { order.push_back(b(t.result())); });
        loop().call_later(1s, [&] { write_text(peer.fileno(), "x"); });
        loop().call_later(2s, [&] { order.push_back("two"); });
        co_await sleep(3s);
        print(order);
    });
    expect("cancelled\nFalse\nb'later'\n[b'x', two]\n");
}

TEST_F(Conformance, S140_names_are_looked_up_without_blocking) {
    run([&]() -> Coro<> {
        const auto found = co_await getaddrinfo("127.0.0.1", 80, AddrInfoOptions().type(SOCK_STREAM));
        for (const AddrInfo& info : found) {
            print(info.family == AF_INET, info.type == SOCK_STREAM, info.address.host(), info.address.port());
        }
        const auto name =
            co_await getnameinfo(SocketAddress("127.0.0.1", 80), NI_NUMERICHOST | NI_NUMERICSERV);
        print(name.host, name.service);
        try {
            co_await getaddrinfo("name.invalid", 80, AddrInfoOptions().flags(AI_NUMERICHOST));
        } catch (const gaierror& e) {
            print("gaierror", e.error_number() == EAI_NONAME);
        }
        const Socket listener = bound_socket();
        listener.listen(100);
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, "localhost", listener.getsockname().port());
        print(client.getpeername() == listener.getsockname());
    });
    expect("True True 127.0.0.1 80\n127.0.0.1 80\ngaierror True\nTrue\n");
}

}  // namespace
}  // namespace aio::tests
