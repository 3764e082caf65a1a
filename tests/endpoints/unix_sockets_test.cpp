// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/child.hpp>
#include <support/temporary_folder.hpp>
#include <support/xor_upgrade.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <memory>
#include <optional>

namespace aio::tests {
namespace {

class UnixSocketsTest : public StreamsTest {
protected:
    static Coro<> echo(StreamReader r, StreamWriter w) {
        while (auto line = co_await r.next_line()) w.write(*line);
        w.close();
    }
    static Coro<std::string> ask(std::string path) {
        auto [r, w] = co_await open_unix_connection(std::move(path));
        w.write("hello\n");
        std::string answer = co_await r.readline();
        w.close();
        co_await w.wait_closed();
        co_return answer;
    }
    bool there() const { return std::filesystem::exists(path); }
    static mode_t mode_of(const std::string& file) {
        struct stat found{};
        return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
    }

    TemporaryFolder folder;
    std::string path = folder.file("socket");
};

struct Greeter : Protocol {
    void connection_made(Transport& transport) override {
        transport.write("hi\n");
        transport.close();
    }
};

TEST_F(UnixSocketsTest, StreamsOverAPath) {
    run([&]() -> Coro<> {
        Server server = co_await start_unix_server(echo, path);
        EXPECT_EQ(address_of(server).path(), path);
        EXPECT_EQ(server.repr(), "<Server sockets=(<socket fd=" +
                                     std::to_string(server.sockets()[0].fileno()) + " " + path + ">)>");
        EXPECT_EQ(co_await ask(path), "hello\n");
        auto [r, w] = co_await open_unix_connection(path, ConnectOptions().limit(9));
        EXPECT_EQ(r.limit(), 9U);
        EXPECT_EQ(w.transport().peername().path(), path);
        EXPECT_EQ(w.transport().sockname().path(), "") << "a client has no name";
        w.close();
        server.close();
        EXPECT_FALSE(there());
        co_await server.wait_closed();
    });
}

TEST_F(UnixSocketsTest, TransportsAndProtocols) {
    run([&]() -> Coro<> {
        const auto factory = [] { return std::make_shared<Greeter>(); };
        Server server = co_await create_unix_server(factory, path);
        {
            auto [transport, protocol] =
                co_await create_unix_connection([] { return std::make_shared<Protocol>(); }, path);
            EXPECT_EQ(transport->get_protocol(), protocol);
            transport->abort();
        }
        auto [r, w] = co_await open_unix_connection(path);
        EXPECT_EQ(co_await r.read(), "hi\n");
        w.close();
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(UnixSocketsTest, TakesSocketsOfOnesOwn) {
    run([&]() -> Coro<> {
        Socket bound = Socket::stream(AF_UNIX);
        bound.bind(SocketAddress::unix_path(path));
        Server server = co_await start_unix_server(echo, std::move(bound), ServerOptions());
        const Socket probe = connected_socket(SocketAddress::unix_path(path));
        auto [transport, protocol] =
            co_await create_unix_connection([] { return std::make_shared<Protocol>(); },
                                            connected_socket(address_of(server)), ConnectOptions());
        transport->abort();
        server.close();
        EXPECT_FALSE(there()) << "its file goes too";
        server.abort_clients();
        co_await server.wait_closed();
        std::string what;
        try {
            Socket tcp = bound_socket();
            co_await create_unix_server([] { return std::make_shared<Protocol>(); }, std::move(tcp),
                                        ServerOptions());
        } catch (const ValueError& e) {
            what = e.what();
        }
        EXPECT_EQ(what.substr(0, 47), "A UNIX Domain Stream Socket was expected, got <");
    });
}

TEST_F(UnixSocketsTest, ErrorsNameThePath) {
    run([&]() -> Coro<> {
        std::string what = co_await caught(open_unix_connection(path));
        EXPECT_EQ(what, "connect to " + path + ": No such file or directory");
        what = co_await caught(start_unix_server(echo, folder.file("none/socket")));
        EXPECT_EQ(what, "bind to " + folder.file("none/socket") + ": No such file or directory");
        what = co_await caught(start_unix_server(echo, ""));
        EXPECT_EQ(what, "the path of a Unix socket must not be empty");
        what = co_await caught(open_unix_connection(std::string(108, 'x')));
        EXPECT_EQ(what, "Unix socket path of 108 bytes is too long (at most 107)");
        what = co_await caught(open_unix_connection(std::string("a\0b", 3)));
        EXPECT_EQ(what, "embedded null character");
        what =
            co_await caught(open_unix_connection(path, ConnectOptions().ssl(std::make_shared<XorUpgrade>())));
        EXPECT_EQ(what, "You must set server_hostname when using ssl without a host");
        what = co_await caught(open_unix_connection(path, ConnectOptions().local_addr("127.0.0.1", 0)));
        EXPECT_EQ(what, "local_addr is only meaningful with a host");
    });
}

// asyncio takes it for connected; the kernel does not tell when there is room.
TEST_F(UnixSocketsTest, AFullQueueIsAnError) {
    run([&]() -> Coro<> {
        const Socket listener = Socket::stream(AF_UNIX);
        listener.bind(SocketAddress::unix_path(path));
        listener.listen(0);
        const Socket first = connected_socket(SocketAddress::unix_path(path));
        std::string what;
        try {
            co_await open_unix_connection(path);
        } catch (const BlockingIOError& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "connect to " + path + ": Resource temporarily unavailable");
    });
}

TEST_F(UnixSocketsTest, SetsTheModeOfTheFile) {
    run([&]() -> Coro<> {
        const mode_t umask = ::umask(0077);
        Server open = co_await start_unix_server(echo, path, ServerOptions().mode(0666));
        EXPECT_EQ(mode_of(path), 0666U);
        Server narrow = co_await start_unix_server(echo, folder.file("other"), ServerOptions());
        EXPECT_EQ(mode_of(folder.file("other")), 0700U) << "what the umask leaves";
        ::umask(umask);
        open.close();
        narrow.close();
        co_await open.wait_closed();
    });
}

TEST_F(UnixSocketsTest, KeepsTheFileIfAskedTo) {
    run([&]() -> Coro<> {
        Server server = co_await start_unix_server(echo, path, ServerOptions().cleanup_socket(false));
        server.close();
        co_await server.wait_closed();
        EXPECT_TRUE(there());
        Server next = co_await start_unix_server(echo, path);  // replaces it
        EXPECT_EQ(co_await ask(path), "hello\n");
        next.close();
        EXPECT_FALSE(there());
    });
}

TEST_F(UnixSocketsTest, TheFileGoesWithTheServerHoweverItEnds) {
    run([&]() -> Coro<> {
        {
            const Server server =
                co_await start_unix_server(echo, path, ServerOptions().start_serving(false));
            EXPECT_TRUE(there());
        }
        EXPECT_FALSE(there()) << "with its last handle, before it accepts";
        auto starting = create_task(start_unix_server(echo, path));
        co_await turns(1);
        EXPECT_TRUE(there());
        starting.cancel();
        co_await ended(starting);
        EXPECT_FALSE(there()) << "cancelled";
        auto forever = create_task(
            [](std::string where) -> Coro<> {
                Server server = co_await start_unix_server(echo, where);
                co_await server.serve_forever();
            },
            path);
        co_await turns(4);
        EXPECT_TRUE(there());
        forever.cancel();
        co_await ended(forever);
        EXPECT_FALSE(there());
    });
}

TEST_F(UnixSocketsTest, ALoopThatClosesRemovesTheFile) {
    {
        const auto closed = new_event_loop();
        closed->run_until_complete(start_unix_server(echo, path));
        EXPECT_TRUE(there());
    }
    EXPECT_FALSE(there());
}

TEST_F(UnixSocketsTest, AForkedChildLeavesTheFileToItsParent) {
    run([&]() -> Coro<> {
        std::optional<Server> server = co_await start_unix_server(echo, path);
        EXPECT_EQ(run_in_child([&] { server->close(); }), "exit 0");
        EXPECT_TRUE(there());
        EXPECT_EQ(co_await ask(path), "hello\n");
        server->close();
        EXPECT_FALSE(there());
    });
}

// A relative path means the same file when the program has gone to another folder.
TEST_F(UnixSocketsTest, RelativePaths) {
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    run([&]() -> Coro<> {
        Server server = co_await start_unix_server(echo, "socket");
        EXPECT_EQ(co_await ask("socket"), "hello\n");
        EXPECT_TRUE(there());
        std::filesystem::current_path(before);
        server.close();
        EXPECT_FALSE(there());
    });
}

// S134 to S136 over Unix sockets.
TEST_F(UnixSocketsTest, ClosesAsOtherServersDo) {
    run([&]() -> Coro<> {
        Server server = co_await start_unix_server(echo, path, ServerOptions().start_serving(false));
        EXPECT_FALSE(server.is_serving());
        co_await server.start_serving();
        auto [r, w] = co_await open_unix_connection(path);
        w.write("one\n");
        EXPECT_EQ(co_await r.readline(), "one\n");
        server.close();
        w.write("two\n");
        EXPECT_EQ(co_await r.readline(), "two\n");
        EXPECT_EQ(co_await caught(open_unix_connection(path)),
                  "connect to " + path + ": No such file or directory");
        auto waits = create_task(server.wait_closed());
        co_await turns(5);
        EXPECT_FALSE(waits.done());
        server.close_clients();
        EXPECT_EQ(co_await r.read(), "");
        w.close();
        co_await waits;
    });
}

TEST_F(UnixSocketsTest, ArgumentsOfTheCallback) {
    run([&]() -> Coro<> {
        const auto repeat = [](int times, StreamReader r, StreamWriter w) -> Coro<> {
            const std::string line = co_await r.readline();
            for (int i = 0; i < times; ++i) w.write(line);
            w.close();
        };
        Server server = co_await start_unix_server(path, repeat, 2);
        auto [r, w] = co_await open_unix_connection(path);
        w.write("x\n");
        EXPECT_EQ(co_await r.read(), "x\nx\n");
        w.close();
        const DrainReport report = co_await server.drain(1h, 1h);
        EXPECT_TRUE(report.left.empty());
        EXPECT_FALSE(there());
        server = co_await start_unix_server(ServerOptions().mode(0600), path, repeat, 3);
        EXPECT_EQ(mode_of(path), 0600U);
        server.close();
        Socket bound = Socket::stream(AF_UNIX);
        bound.bind(SocketAddress::unix_path(path));
        server = co_await start_unix_server(ServerOptions(), std::move(bound), repeat, 3);
        auto [reader, writer] = co_await open_unix_connection(path);
        writer.write("y\n");
        EXPECT_EQ(co_await reader.read(), "y\ny\ny\n");
        writer.close();
        server.close();
    });
}

TEST_F(UnixSocketsTest, OverAnUpgrade) {
    run([&]() -> Coro<> {
        const auto upgrade = std::make_shared<XorUpgrade>();
        Server server = co_await start_unix_server(echo, path, ServerOptions().ssl(upgrade));
        auto [r, w] =
            co_await open_unix_connection(path, ConnectOptions().ssl(upgrade).server_hostname("name"));
        w.write("secret\n");
        EXPECT_EQ(co_await r.readline(), "secret\n");
        w.close();
        server.close();
        co_await server.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
