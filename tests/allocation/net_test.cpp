// SPDX-License-Identifier: MIT
// Memory runs out: transports, streams and servers, over Unix sockets and the loopback.
#include <allocation/operation.hpp>
#include <support/fd.hpp>

#include <aio/net/socket_transport.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

struct Echo final : Protocol {
    explicit Echo(Scene& told) : scene(told) {}
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView data) override { transport->write(data); }
    void connection_lost(std::exception_ptr error) override {
        transport = nullptr;
        if (error) scene.told = true;
        ++scene.count;
    }
    Scene& scene;
    Ref<Transport> transport;
    Counted counted;
};

// Lets the loop turn until `condition` holds, for so many turns at most.
template <class Condition>
Coro<bool> eventually(Condition condition) {
    for (int i = 0; i < 20'000; ++i) {  // small buffers take many turns
        if (condition()) co_return true;
        co_await sleep(0s);
    }
    co_return false;
}

// The two ends of a socket pair; sockets take descriptors, which are closed if that fails.
std::pair<Socket, Fd> ends() {
    SocketPair pair;
    Socket ours(std::exchange(pair.a.fd, -1));
    return {std::move(ours), std::move(pair.b)};
}

TEST(AllocationNet, Transport) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto [ours, peer] = ends();
        const auto transport =
            make_socket_transport(*scene.loop, std::move(ours), std::make_shared<Echo>(scene));
        peer.send("text");
        std::string answer;
        co_await eventually([&] { return !(answer += peer.recv()).empty() || scene.count > 0; });
        peer.close();
        co_await eventually([&] { return scene.count > 0; });
        co_return answer == "text" && scene.count == 1;
    });
}
// Whether the peer receives everything that `write`, which tells how much that is, writes in one step.
template <class F>
void out_of_memory_writing(F write) {
    out_of_memory_in([write](Scene& scene) -> Coro<bool> {
        auto [ours, peer] = ends();
        const auto transport =
            make_socket_transport(*scene.loop, std::move(ours), std::make_shared<Echo>(scene));
        co_await sleep(0s);
        struct Close {
            Ref<Transport> transport;
            ~Close() { transport->abort(); }
        } const close{transport};
        const std::size_t wanted = write(*transport);
        std::size_t received = 0;
        std::string buffer(300'000, ' ');
        co_await eventually([&] {
            const ssize_t count = ::recv(peer.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count > 0) received += static_cast<std::size_t>(count);
            return received == wanted || scene.count > 0;
        });
        co_return received == wanted;
    });
}
TEST(AllocationNet, Writes) {
    out_of_memory_writing([](Transport& transport) {
        const auto owner = std::make_shared<std::string>(1'000'000, 'o');
        transport.write(BytesView(*owner), owner);
        transport.write(std::string(100'000, 's'));
        transport.write(BytesView(*owner).subview(900'000));
        transport.writelines(std::vector<std::string>(10, long_text()));
        return 1'000'000 + 100'000 + 100'000 + 10 * long_text().size();
    });
}
TEST(AllocationNet, GatheredWrites) {
    out_of_memory_writing([](Transport& transport) {
        const auto owner = std::make_shared<std::string>(5'000, 'o');
        transport.write("first");
        transport.write(long_text());
        transport.write(BytesView(*owner), owner);
        transport.writelines(std::vector<std::string>(10, long_text()));
        return 5 + 5'000 + 11 * long_text().size();
    });
}
// Pieces of every kind; Counted stands for what owners hold.
std::size_t write_pieces(Transport& transport) {
    const auto owner = std::make_shared<std::pair<std::string, Counted>>(std::string(50'000, 'o'), Counted());
    const std::string& bytes = owner->first;
    std::vector<WritePiece> pieces;
    pieces.emplace_back(long_text());
    pieces.emplace_back(std::string(20'000, 's'));
    pieces.emplace_back(BytesView(bytes), owner);
    pieces.emplace_back(bytes);
    pieces.emplace_back(BytesView(bytes), owner);
    transport.writelines(std::move(pieces));
    transport.writelines({"head", std::string(5'000, 's'), {bytes, owner}});
    return long_text().size() + 20'000 + 150'000 + 4 + 5'000 + 50'000;
}
TEST(AllocationNet, OwnedPieces) { out_of_memory_writing(write_pieces); }
TEST(AllocationNet, OwnedPiecesBehindOthers) {
    out_of_memory_writing([](Transport& transport) {
        transport.write(std::string(1'000'000, 'b'));
        return 1'000'000 + write_pieces(transport);
    });
}
// What finds no memory is not written at all, and what waited before is sent.
template <class F>
void out_of_memory_behind_others(F write) {
    out_of_memory_in([write](Scene& scene) -> Coro<bool> {
        auto [ours, peer] = ends();
        const auto transport =
            make_socket_transport(*scene.loop, std::move(ours), std::make_shared<Echo>(scene));
        co_await sleep(0s);
        const std::string lent(9'000, 'l');
        const auto owner = std::make_shared<std::string>(5'000, 'o');
        const std::string wanted = "head" + lent + lent + *owner;
        std::string received(100'000, ' ');
        transport->write("first");
        transport->write("second");
        bool written = true;
        try {
            write(*transport, lent, owner);
        } catch (const std::bad_alloc&) {
            written = false;
        }
        transport->write_eof();
        std::size_t size = 0;
        const bool ended = co_await eventually([&] {
            const ssize_t count =
                ::recv(peer.fd, received.data() + size, received.size() - size, MSG_DONTWAIT);
            if (count > 0) size += static_cast<std::size_t>(count);
            return count == 0 || scene.count > 0;
        });
        transport->abort();
        EXPECT_TRUE(ended && scene.count == 0);
        const BytesView got = BytesView(received.data(), size);
        EXPECT_EQ(got.text().substr(0, 11), "firstsecond");
        EXPECT_EQ(got.text().substr(11), written ? wanted : "");
        scene.told = true;
        co_return written;
    });
}
TEST(AllocationNet, LinesAreWrittenAsAWholeOrNotAtAll) {
    out_of_memory_behind_others([](Transport& transport, const std::string& lent, const auto& owner) {
        const BytesView lines[] = {"head", lent, lent, *owner};
        transport.writelines(lines);
    });
}
TEST(AllocationNet, PiecesAreWrittenAsAWholeOrNotAtAll) {
    out_of_memory_behind_others([](Transport& transport, const std::string& lent, const auto& owner) {
        transport.writelines({"head", std::string(lent), lent, {*owner, owner}});
    });
}
TEST(AllocationNet, ConnectionThatFails) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto [ours, peer] = ends();
        const auto transport =
            make_socket_transport(*scene.loop, std::move(ours), std::make_shared<Echo>(scene));
        co_await sleep(0s);
        peer.close();
        transport->write("refused");
        co_await eventually([&] { return scene.count > 0; });
        co_return scene.count == 1;
    });
}

// --- streams ---------------------------------------------------------------------------------------

TEST(AllocationStreams, Conversation) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        auto [ours, peer] = ends();
        auto streams = co_await open_connection(std::move(ours));
        auto& [reader, writer] = streams;
        peer.send("first line\nsecond line\n" + long_text() + "\n" + std::string(1000, 'x'));
        const std::string first = co_await reader.readline();
        const auto second = co_await reader.next_line();
        const std::string third = co_await reader.readuntil("\n");
        const std::string some = co_await reader.readexactly(400);
        const BytesView view = co_await reader.read_view();
        bool right = first == "first line\n" && second && third.size() == long_text().size() + 1 &&
                     some.size() + view.size() == 1000;
        writer.write(long_text());
        co_await writer.drain();
        right = right && peer.recv() == long_text();
        peer.send("the rest");
        peer.close();
        const std::string rest = co_await reader.read();
        writer.close();
        co_await writer.wait_closed();
        co_return right&& rest == "the rest";
    });
}
TEST(AllocationStreams, ReadingInPlace) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        bool right = true;
        std::vector<StreamReader> readers;  // more than can stay in the arena
        for (int i = 0; i < 20; ++i) {
            const StreamReader reader;
            readers.push_back(reader);
            ::aio::detail::ReadArena& arena = ::aio::detail::ReadArena::of(get_running_loop());
            std::span<char> room = reader.state().get_buffer(arena);
            room[0] = 'x';
            reader.state().buffer_updated(arena, 1);
            const BytesView view = co_await reader.fill();
            right = right && view.text() == "x";
            try {
                reader.feed_data(long_text());
            } catch (const std::bad_alloc&) {
                right = right && view.text() == "x" && reader.buffered().text() == "x";
                throw;
            }
            right = right && view.text() == "x" && reader.buffered().size() == 1 + long_text().size();
            reader.consume(1);
        }
        co_return right;
    });
}
TEST(AllocationStreams, ReadersThatWait) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        auto [ours, theirs] = ends();
        const auto peer = std::make_shared<Fd>(std::move(theirs));
        auto streams = co_await open_connection(std::move(ours));
        auto& [reader, writer] = streams;
        std::string memory(10, ' ');
        bool right = false;
        try {
            scene.loop->call_later(1s, [peer] { peer->send("0123456789"); });
            const std::size_t count = co_await wait_for(reader.read_into(memory), 1min);
            scene.loop->call_later(1s,
                                   [peer] { peer->send("a line that is too long for a string itself\n"); });
            const std::string line = co_await wait_for(reader.readline(), 1min);
            scene.loop->call_later(1s, [peer] { peer->send(std::string(20'000, 'y')); });
            const std::string large = co_await wait_for(reader.readexactly(20'000), 1min);
            right = count == 10 && line.size() == 44 && large.size() == 20'000;
        } catch (const TimeoutError&) {  // a callback has failed
        }
        writer.transport().abort();
        co_return right;
    });
}

// --- servers ---------------------------------------------------------------------------------------

// Whether the client got its answer. Whatever becomes of it, the server is closed.
template <class Client>
Coro<bool> ask_and_close(Server server, Client client) {
    bool right = false;
    std::exception_ptr error;
    try {
        right = co_await client(server.sockets().front().getsockname().port());
    } catch (const ConnectionError&) {  // the server has ended it, and tells why
    } catch (...) {
        error = std::current_exception();
    }
    server.abort_clients();
    server.close();
    co_await server.wait_closed();
    if (error) std::rethrow_exception(error);
    co_return right;
}

TEST(AllocationServer, Protocols) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto factory = [&scene] { return std::make_shared<Echo>(scene); };
        const Server server = co_await create_server(factory, "127.0.0.1", 0);
        const auto client = [](int port) -> Coro<bool> {
            auto streams = co_await open_connection("127.0.0.1", port);
            streams.second.write(long_text());
            streams.second.write_eof();
            const std::string answer = co_await wait_for(streams.first.read(), 1min);
            streams.second.close();
            co_await streams.second.wait_closed();
            co_return answer == long_text();
        };
        const bool right = co_await ask_and_close(server, client);
        co_return right;
    });
}
TEST(AllocationServer, Streams) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto serve = [](StreamReader reader, StreamWriter writer) -> Coro<> {
            const Counted counted;
            const std::string line = co_await reader.readline();
            writer.write(line);
            co_await writer.drain();
            writer.close();
        };
        const Server server = co_await start_server(serve, "127.0.0.1", 0);
        const auto client = [](int port) -> Coro<bool> {
            auto streams = co_await open_connection("127.0.0.1", port);
            streams.second.write(long_text() + "\n");
            const std::string answer = co_await wait_for(streams.first.readline(), 1min);
            streams.second.close();
            co_await streams.second.wait_closed();
            co_return answer == long_text() + "\n";
        };
        const bool right = co_await ask_and_close(server, client);
        co_return right;
    });
}
TEST(AllocationServer, ServeForever) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto factory = [&scene] { return std::make_shared<Echo>(scene); };
        const Server server = co_await create_server(factory, "127.0.0.1", 0);
        const auto forever = [](Server it) -> Coro<> { co_await it.serve_forever(); };
        try {
            co_await async_with(timeout(1s), forever, server);
        } catch (const TimeoutError&) {
            co_return true;
        }
        co_return false;
    });
}

}  // namespace
}  // namespace aio::tests
