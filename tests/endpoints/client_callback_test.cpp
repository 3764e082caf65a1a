// SPDX-License-Identifier: MIT
// What start_server() may be given as its callback.
#include <streams/streams_support.hpp>

#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

struct ClientCallbackTest : StreamsTest {
    /// What a client of such a server hears until the end.
    template <class F>
    Coro<std::string> answer_of(F callback) {
        Server server = co_await start_server(std::move(callback), "127.0.0.1", 0);
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        auto& [reader, writer] = streams;
        std::string text = co_await reader.read();
        writer.close();
        server.close();
        co_await server.wait_closed();
        co_return text;
    }
};

Coro<> greet(const StreamReader&, const StreamWriter& writer) {
    co_await sleep(1ms);
    writer.write("hello");
    writer.close();
}
struct Greets {
    Coro<> operator()(StreamReader, StreamWriter&& writer) const {
        co_await sleep(1ms);
        writer.write("hello");
        writer.close();
    }
};

// The streams live as long as the coroutine.
TEST_F(ClientCallbackTest, CoroutinesMayTakeReferences) {
    auto generic = [](const auto&, const auto& writer) -> Coro<> {
        co_await sleep(1ms);
        writer.write("hello");
        writer.close();
    };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await answer_of(greet), "hello");
        EXPECT_EQ(co_await answer_of(Greets()), "hello");
        EXPECT_EQ(co_await answer_of(generic), "hello");
    });
    EXPECT_TRUE(reports().empty());
}

// As in asyncio only a coroutine becomes a task.
TEST_F(ClientCallbackTest, OtherResultsAreDropped) {
    auto starts_a_task = [](StreamReader reader, StreamWriter writer) {
        return create_task(greet, std::move(reader), std::move(writer));
    };
    auto says_something = [](StreamReader, StreamWriter writer) {
        writer.write("hello");
        writer.close();
        return true;
    };
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await answer_of(starts_a_task), "hello");
        EXPECT_EQ(co_await answer_of(says_something), "hello");
    });
    EXPECT_TRUE(reports().empty());
}

// A member function takes its object first, and what it is given by reference lives as long as the coroutine.
struct Greeter {
    Coro<> serve(const std::string& name, const StreamReader&, const StreamWriter& writer) {
        co_await sleep(1ms);
        writer.write("hello, " + name);
        writer.close();
        ++served;
    }
    void greet_at_once(StreamReader, StreamWriter writer) {
        writer.write("hello");
        writer.close();
        ++served;
    }
    int served = 0;
};

Coro<std::string> heard_from(Server server) {
    auto streams = co_await open_connection("127.0.0.1", port_of(server));
    auto& [reader, writer] = streams;
    std::string text = co_await reader.read();
    writer.close();
    server.close();
    co_await server.wait_closed();
    co_return text;
}

TEST_F(ClientCallbackTest, ItsArgumentsComeFirst) {
    run([&]() -> Coro<> {
        Greeter greeter;
        const std::string name = "a name that is longer than a string holds";
        Server server = co_await start_server("127.0.0.1", 0, &Greeter::serve, &greeter, name);
        EXPECT_EQ(co_await heard_from(server), "hello, " + name);
        server = co_await start_server("127.0.0.1", 0, &Greeter::greet_at_once, &greeter);
        EXPECT_EQ(co_await heard_from(server), "hello");
        const auto shared = std::make_shared<Greeter>();
        server =
            co_await start_server(ServerOptions().backlog(3), "127.0.0.1", 0, &Greeter::serve, shared, name);
        EXPECT_EQ(shared.use_count(), 2) << "the server's";
        EXPECT_EQ(co_await heard_from(server), "hello, " + name);
        server = co_await start_server("127.0.0.1", 0, &Greeter::serve, std::ref(greeter), "me");
        EXPECT_EQ(co_await heard_from(server), "hello, me");
        EXPECT_EQ(greeter.served, 3);
        server = Server();
        co_await turns(2);
        EXPECT_EQ(shared.use_count(), 1);
    });
    EXPECT_TRUE(reports().empty());
}

TEST_F(ClientCallbackTest, ItsArgumentsComeBehindHostsAndSocketsToo) {
    run([&]() -> Coro<> {
        Greeter greeter;
        const std::string name = "a name that is longer than a string holds";
        const std::vector<std::string> hosts{"127.0.0.1"};
        Server server = co_await start_server(ServerOptions(), hosts, 0, &Greeter::serve, &greeter, name);
        EXPECT_EQ(co_await heard_from(server), "hello, " + name);
        Socket socket = bound_socket();
        const SocketAddress address = TransportSocket(socket).getsockname();
        server = co_await start_server(ServerOptions().backlog(3), std::move(socket), &Greeter::serve,
                                       &greeter, name);
        EXPECT_EQ(address_of(server), address);
        EXPECT_EQ(co_await heard_from(server), "hello, " + name);
        EXPECT_EQ(greeter.served, 2);
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio::tests
