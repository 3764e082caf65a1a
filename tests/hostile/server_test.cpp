// SPDX-License-Identifier: MIT
// Servers and streams: protocol factories, client callbacks, and what their connections do at the end.
#include <hostile/actions.hpp>
#include <support/tcp.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <array>
#include <chrono>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kServer = has::server | has::transport | has::exceptions;

/// A Unix socket that listens at a name that only it has, and an end that has connected to it.
struct Listening {
    Listening() {
        listener = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (::bind(listener.fd, reinterpret_cast<sockaddr*>(&address), sizeof address.sun_family) != 0 ||
            ::listen(listener.fd, 5) != 0) {
            throw std::runtime_error("cannot listen");
        }
    }
    Fd connect() const {
        sockaddr_un address{};
        socklen_t size = sizeof address;
        ::getsockname(listener.fd, reinterpret_cast<sockaddr*>(&address), &size);
        Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (::connect(client.fd, reinterpret_cast<sockaddr*>(&address), size) != 0) {
            throw std::runtime_error("cannot connect");
        }
        return client;
    }
    Socket take() { return Socket(std::exchange(listener.fd, -1)); }
    Fd listener;
};

Coro<> keep(World& w, Coro<Server> making) { w.server = co_await std::move(making); }

// Serves in `w` what `make` gives of a socket, with two clients.
template <class F>
void serve(World& w, F make) {
    Listening listening;
    const Fd first = listening.connect();
    w.peer = listening.connect();
    w.task = w.loop->create_task(keep(w, make(listening.take())));
    w.turns(4);
    if (w.peer.fd >= 0) ::send(w.peer.fd, "line\n", 5, MSG_NOSIGNAL);
    w.turns(4);
    w.peer.close();
    w.turns(4);
    if (w.server) w.server->close();
    w.turns(2);
}

struct Quiet final : Protocol {
    explicit Quiet(World& world) : w(world) {}
    void connection_made(Transport& made) override {
        if (!w.transport) w.transport = Ref<Transport>(&made);
    }
    World& w;
};

TEST(HostileServer, ProtocolFactory) {
    everything(kServer, [](World& w) {
        serve(w, [&w](Socket socket) {
            const auto factory = [&w] {
                w.strike("factory");
                return std::make_shared<Quiet>(w);
            };
            return create_server(factory, std::move(socket), ServerOptions());
        });
    });
}
TEST(HostileServer, FactoryDestroyed) {
    everything(has::server | has::transport, [](World& w) {
        serve(w, [&w](Socket socket) {
            const auto hostile = std::make_shared<Hostile>(w);
            const auto factory = [&w, hostile] { return std::make_shared<Quiet>(w); };
            return create_server(factory, std::move(socket), ServerOptions());
        });
        w.server.reset();
        w.transport = nullptr;
        w.turns();
    });
}
TEST(HostileServer, ClientsLost) {
    struct Lost final : Protocol {
        explicit Lost(World& world) : w(world) {}
        void connection_made(Transport& made) override { w.transport = Ref<Transport>(&made); }
        void connection_lost(std::exception_ptr) override { w.strike("connection_lost", 2); }
        World& w;
    };
    everything(kServer, [](World& w) {
        serve(w, [&w](Socket socket) {
            const auto factory = [&w] { return std::make_shared<Lost>(w); };
            return create_server(factory, std::move(socket), ServerOptions());
        });
    });
}

// --- streams ---------------------------------------------------------------------------------------

TEST(HostileStreams, PlainClientCallback) {
    everything(kServer, [](World& w) {
        serve(w, [&w](Socket socket) {
            const auto connected = [&w](StreamReader, StreamWriter writer) {
                w.transport = Ref<Transport>(&writer.transport());
                w.strike("client");
            };
            return start_server(connected, std::move(socket), ServerOptions());
        });
    });
}
TEST(HostileStreams, ClientCoroutine) {
    everything(kServer, [](World& w) {
        serve(w, [&w](Socket socket) {
            const auto connected = [&w](StreamReader reader, StreamWriter writer) -> Coro<> {
                w.transport = Ref<Transport>(&writer.transport());
                const std::string line = co_await reader.readline();
                w.strike("client");
                writer.write(line);
                co_await writer.drain();
            };
            return start_server(connected, std::move(socket), ServerOptions());
        });
    });
}

// Waits in an operation of a stream, with something that strikes when it is unwound.
template <class F>
void in_operation(F operation) {
    const auto begin = [operation](World& w) {
        SocketPair pair(64 * 1024);  // less than what waits in drain()
        w.peer = std::move(pair.b);
        const auto body = [](World& world, Socket socket, Hostile hostile, F wait) -> Coro<> {
            const Hostile local(std::move(hostile));
            auto streams = co_await open_connection(std::move(socket));
            world.transport = Ref<Transport>(&streams.second.transport());
            co_await wait(streams.first, streams.second);
        };
        w.task = w.loop->create_task(body, std::ref(w), Socket(std::exchange(pair.a.fd, -1)), Hostile(w),
                                     operation);
        w.turns(4);
    };
    everything(has::transport, [&](World& w) {
        begin(w);
        w.task.cancel();
        w.turns(6);
    });
    everything(has::transport, [&](World& w) {
        begin(w);
        w.peer.close();
        w.turns(6);
        if (w.task) w.task.cancel();
        w.turns();
    });
    everything(has::transport, [&](World& w) {
        begin(w);
        w.loop->close();
    });
    everything(has::transport, [&](World& w) {
        begin(w);
        w.transport->abort();
        w.turns(6);
        if (w.task) w.task.cancel();
        w.turns();
    });
}

TEST(HostileStreams, Read) {
    in_operation([](StreamReader& reader, StreamWriter&) -> Coro<> { co_await reader.read(10); });
}
TEST(HostileStreams, ReadAll) {
    in_operation([](StreamReader& reader, StreamWriter&) -> Coro<> { co_await reader.read(); });
}
TEST(HostileStreams, ReadInto) {
    in_operation([](StreamReader& reader, StreamWriter&) -> Coro<> {
        std::array<char, 10> memory{};
        co_await reader.read_into(memory);
    });
}
TEST(HostileStreams, ReadView) {
    in_operation([](StreamReader& reader, StreamWriter&) -> Coro<> { co_await reader.read_view(); });
}
TEST(HostileStreams, Fill) {
    in_operation([](StreamReader& reader, StreamWriter&) -> Coro<> {
        for (;;) {
            const BytesView view = co_await reader.fill(10);
            if (view.size() < 10) break;
            reader.consume(10);
        }
    });
}
TEST(HostileStreams, Drain) {
    in_operation([](StreamReader&, StreamWriter& writer) -> Coro<> {
        writer.write(std::string(1'000'000, 'x'));
        co_await writer.drain();
    });
}
TEST(HostileStreams, WaitClosed) {
    in_operation([](StreamReader&, StreamWriter& writer) -> Coro<> { co_await writer.wait_closed(); });
}

}  // namespace
}  // namespace aio::tests
