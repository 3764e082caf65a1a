// SPDX-License-Identifier: MIT
#include <aio/endpoints.hpp>
#include <aio/testing.hpp>
#include <aio/transport/transport_factory.hpp>
#include <streams/streams_support.hpp>
#include <support/forwarding_transport.hpp>

#include <gtest/gtest.h>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace aio {
namespace {

using tests::Forwarded;
using tests::ForwardingFactory;

struct Echo final : Protocol {
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView data) override { transport->write(data); }
    void connection_lost(std::exception_ptr) override { transport = nullptr; }
    Ref<Transport> transport;
};

struct Failing final : TransportFactory {
    Ref<Transport> make_transport(EventLoop&, Socket, std::shared_ptr<BaseProtocol>,
                                  SocketTransportOptions) override {
        throw OSError(EIO, "no transport");
    }
};

// For one connection; then the loop has the default again, and this is gone.
struct Once final : TransportFactory {
    explicit Once(Forwarded& made) : counts(made) {}
    Ref<Transport> make_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                  SocketTransportOptions options) override {
        set_transport_factory(loop, nullptr);
        return ForwardingFactory(counts).make_transport(loop, std::move(socket), std::move(protocol),
                                                        std::move(options));
    }
    Forwarded& counts;
};

struct TransportFactoryTest : ::testing::Test, testing::LoopTest {
    static Coro<std::string> ask(int port) {
        StreamPair streams = co_await open_connection("127.0.0.1", port);
        auto& [reader, writer] = streams;
        writer.write("hello\n");
        std::string answer = co_await reader.readline();
        writer.close();
        co_await writer.wait_closed();
        co_return answer;
    }
    Forwarded counts;
};

TEST_F(TransportFactoryTest, MakesWhatConnectsAndWhatIsAccepted) {
    set_transport_factory(loop(), std::make_shared<ForwardingFactory>(counts));
    run([&]() -> Coro<> {
        const Server server = co_await create_server([] { return std::make_shared<Echo>(); }, "127.0.0.1", 0);
        const std::string answer = co_await ask(tests::port_of(server));
        EXPECT_EQ(answer, "hello\n");
        server.close();
        co_await server.wait_closed();  // the forwarding ones belong to the server
        EXPECT_EQ(counts.made, 2U);
        EXPECT_EQ(counts.lost, 2U);
        EXPECT_EQ(counts.bytes_out, 12U);
        EXPECT_EQ(counts.bytes_in, 12U);
    });
}

TEST_F(TransportFactoryTest, IsTheLoops) {
    set_transport_factory(loop(), std::make_shared<ForwardingFactory>(counts));
    const auto mine = get_transport_factory(loop());
    EXPECT_EQ(get_transport_factory(loop()), mine);
    const EventLoopPtr other = new_event_loop();
    EXPECT_NE(get_transport_factory(*other), mine);
    EXPECT_NE(get_transport_factory(*other), nullptr);
    set_transport_factory(loop(), nullptr);
    EXPECT_EQ(get_transport_factory(loop()), get_transport_factory(*other));
}

TEST_F(TransportFactoryTest, MayReplaceItself) {
    set_transport_factory(loop(), std::make_shared<Once>(counts));
    run([&]() -> Coro<> {
        const Server server = co_await create_server([] { return std::make_shared<Echo>(); }, "127.0.0.1", 0);
        const std::string answer = co_await ask(tests::port_of(server));
        EXPECT_EQ(answer, "hello\n");
        EXPECT_EQ(counts.made, 1U);
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(TransportFactoryTest, FailsWhoConnects) {
    run([&]() -> Coro<> {
        const Server server = co_await create_server([] { return std::make_shared<Echo>(); }, "127.0.0.1", 0);
        set_transport_factory(loop(), std::make_shared<Failing>());
        const auto failed = co_await as_result(ask(tests::port_of(server)));
        EXPECT_TRUE(failed.raised<OSError>());
        set_transport_factory(loop(), nullptr);
        const std::string answer = co_await ask(tests::port_of(server));
        EXPECT_EQ(answer, "hello\n");
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(TransportFactoryTest, IsReportedIfItFailsForWhatIsAccepted) {
    run([&]() -> Coro<> {
        const Server server = co_await create_server([] { return std::make_shared<Echo>(); }, "127.0.0.1", 0);
        set_transport_factory(loop(), std::make_shared<Failing>());
        const Socket client = tests::raw_client(tests::address_of(server));
        const std::string end = co_await tests::fate(client.fileno());
        EXPECT_EQ(end, "end");
        EXPECT_EQ(reports().at(0), "Error on transport creation for incoming connection [exception]");
        server.close();
        co_await server.wait_closed();
    });
}

TEST(TransportFactoryAlone, GoesWhenItsLoopCloses) {
    const EventLoopPtr loop = new_event_loop();
    const auto factory = std::make_shared<Failing>();
    set_transport_factory(*loop, factory);
    EXPECT_EQ(factory.use_count(), 2);
    loop->close();
    EXPECT_EQ(factory.use_count(), 1);
    EXPECT_THROW(set_transport_factory(*loop, factory), RuntimeError);
}

}  // namespace
}  // namespace aio
