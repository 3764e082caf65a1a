// SPDX-License-Identifier: MIT
// Faults of Unix sockets; docs/faults.md explains the numbers.
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/child.hpp>
#include <support/temporary_folder.hpp>

#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace aio::tests {
namespace {

class UnixSocketFaults : public StreamsTest {
protected:
    static void close_at_once(StreamReader, StreamWriter w) {
        w.write("served");
        w.close();
    }
    static Coro<std::string> answer_of(std::string where) {
        auto [r, w] = co_await open_unix_connection(std::move(where));
        std::string answer = co_await r.read();
        w.close();
        co_return answer;
    }
    std::string in_use() const { return "bind to " + path + ": Address already in use"; }
    bool there() const { return std::filesystem::exists(std::filesystem::symlink_status(path)); }

    TemporaryFolder folder;
    std::string path = folder.file("socket");
};

// --- F38 ---------------------------------------------------------------------------------------------

TEST_F(UnixSocketFaults, F38_a_server_that_listens_keeps_its_file) {
    run([&]() -> Coro<> {
        Server first = co_await start_unix_server(close_at_once, path);
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        EXPECT_EQ(co_await answer_of(path), "served");
        first.close();
        EXPECT_FALSE(there());
    });
}

// The same of a process that does not accept, whose queue is full.
TEST_F(UnixSocketFaults, F38_a_busy_server_of_another_process_keeps_its_file) {
    run([&]() -> Coro<> {
        std::array<int, 2> ready{};
        EXPECT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
        const Socket reading(ready[0]);
        const Socket writing(ready[1]);
        const pid_t child = ::fork();
        if (child == 0) {
            Socket listener = Socket::stream(AF_UNIX);
            listener.bind(SocketAddress::unix_path(path));
            listener.listen(0);
            Socket client = Socket::stream(AF_UNIX);
            const SocketAddress address = SocketAddress::unix_path(path);
            ::connect(client.fileno(), address.native(), address.native_size());
            write_text(ready[1], "!");
            for (;;) ::pause();
        }
        await_events(ready[0], POLLIN);
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        ::kill(child, SIGKILL);
        EXPECT_EQ(how_ended(child), "signal 9");
        EXPECT_TRUE(there()) << "killed, it leaves its file";
        Server next = co_await start_unix_server(close_at_once, path);
        EXPECT_EQ(co_await answer_of(path), "served");
        next.close();
        EXPECT_FALSE(there());
    });
}

TEST_F(UnixSocketFaults, F38_closing_leaves_the_file_of_another_server) {
    run([&]() -> Coro<> {
        Server first = co_await start_unix_server(close_at_once, path);
        std::filesystem::remove(path);
        Server second = co_await start_unix_server(close_at_once, path);
        first.close();
        co_await first.wait_closed();
        EXPECT_EQ(co_await answer_of(path), "served");
        second.close();
        EXPECT_FALSE(there());
        first = co_await start_unix_server(close_at_once, path);
        std::filesystem::rename(path, folder.file("elsewhere"));
        std::ofstream(path) << "a plain file";
        first.close();
        EXPECT_TRUE(there());
    });
}

TEST_F(UnixSocketFaults, F38_what_is_no_socket_is_never_replaced) {
    run([&]() -> Coro<> {
        std::ofstream(path) << "a plain file";
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        EXPECT_EQ(std::filesystem::file_size(path), 12U);
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        std::filesystem::remove(path);
        const std::string stale = folder.file("stale");
        Socket::stream(AF_UNIX).bind(SocketAddress::unix_path(stale));
        std::filesystem::create_symlink(stale, path);
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        EXPECT_TRUE(std::filesystem::is_symlink(path));
        EXPECT_TRUE(std::filesystem::exists(stale));
    });
}

// Its peer is of another kind, and alive.
TEST_F(UnixSocketFaults, F38_a_datagram_socket_keeps_its_file) {
    run([&]() -> Coro<> {
        std::optional<Socket> datagrams = Socket::datagram(AF_UNIX);
        datagrams->bind(SocketAddress::unix_path(path));
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, path)), in_use());
        datagrams.reset();
        Server server = co_await start_unix_server(close_at_once, path);
        EXPECT_EQ(co_await answer_of(path), "served");
        server.close();
    });
}

// --- F39 ---------------------------------------------------------------------------------------------

// What a program of C, which counts the bytes of a name, connects to.
Socket connected_by_hand(std::string_view name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (::connect(socket.fileno(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        raise_os_error(errno, "connect");
    }
    return socket;
}

TEST_F(UnixSocketFaults, F39_abstract_names_are_exact) {
    run([&]() -> Coro<> {
        const std::string unique = std::to_string(::getpid());
        const std::string inner = std::string("\0aio\0", 5) + unique;
        const std::string trailing = inner + std::string(1, '\0');
        const std::string longest = std::string(1, '\0') + unique + std::string(107 - unique.size(), 'x');
        const std::string shorter = longest.substr(0, 107);
        for (const std::string& name : {inner, trailing, longest, shorter}) {
            SCOPED_TRACE(name.size());
            SocketAddress seen;
            const auto serve = [&seen](StreamReader, StreamWriter w) {
                seen = w.transport().sockname();
                EXPECT_TRUE(w.transport().peername().path().empty()) << "an unnamed client";
                w.write("served");
                w.close();
            };
            Server server = co_await start_unix_server(serve, name);
            EXPECT_EQ(address_of(server).path(), name);
            EXPECT_EQ(co_await answer_of(name), "served");
            EXPECT_EQ(seen.path(), name);
            auto [r, w] = co_await open_unix_connection(name);
            EXPECT_EQ(w.transport().peername().path(), name);
            w.close();
            const Socket by_hand = connected_by_hand(name);
            EXPECT_EQ(by_hand.getpeername().path(), name);
            const std::string other = name == trailing ? inner : name.substr(0, name.size() - 1);
            EXPECT_EQ((co_await caught(open_unix_connection(other))).substr(0, 11), "connect to ")
                << "others";
            EXPECT_EQ(co_await caught(start_unix_server(serve, name)),
                      "bind to " + address_of(server).str() + ": Address already in use");
            server.close();
            server.abort_clients();
            co_await server.wait_closed();
        }
        EXPECT_EQ(co_await caught(start_unix_server(close_at_once, longest + "x")),
                  "Unix socket path of 109 bytes is too long (at most 108)");
    });
}

}  // namespace
}  // namespace aio::tests
