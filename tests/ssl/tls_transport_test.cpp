// SPDX-License-Identifier: MIT
#include <ssl/ssl_support.hpp>
#include <support/ended.hpp>
#include <support/log_capture.hpp>
#include <support/temporary_folder.hpp>

#include <aio/net/socket_transport.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using TlsTransport = SslTest;

TEST_F(TlsTransport, ClientAndServer) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        auto& [reader, writer] = streams;
        writer.write("hello");
        EXPECT_EQ(co_await reader.readexactly(5), "hello");
        EXPECT_FALSE(writer.can_write_eof());
        EXPECT_THROW(writer.write_eof(), RuntimeError);
        EXPECT_TRUE(writer.transport().repr().starts_with("<TlsTransport open over <"));
        co_await end(streams);
        EXPECT_TRUE(writer.transport().repr().starts_with("<TlsTransport closed over <"));
        co_await end(listening);
        EXPECT_EQ(reports, "");
        EXPECT_EQ(server_error, "");
    });
}

TEST_F(TlsTransport, MuchInBothDirections) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        auto& [reader, writer] = streams;
        std::string data(5'000'000, 'x');
        for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7919 >> 8);
        writer.write(data);
        const std::string back = co_await reader.readexactly(data.size());
        EXPECT_TRUE(back == data);
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(TlsTransport, PiecesOfAllKinds) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        auto& [reader, writer] = streams;
        const auto owner = std::make_shared<std::string>(40'000, 'o');
        writer.writelines({"head ", std::string(20'000, 's'), {*owner, owner}});
        writer.write(std::string(3, 'm'));
        writer.write(BytesView(*owner), owner);
        writer.write("");
        writer.write("end");
        const std::string expected = "head " + std::string(20'000, 's') + *owner + "mmm" + *owner + "end";
        EXPECT_EQ(owner.use_count(), 1) << "what is encrypted needs its owner no more";
        const std::string back = co_await reader.readexactly(expected.size());
        EXPECT_TRUE(back == expected);
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(TlsTransport, OverASocketOfOnesOwn) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair(64 * 1024);
        StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        auto below = make_socket_transport(loop(), std::move(theirs), aio::detail::protocol_to_upgrade());
        auto serving = create_task(start_tls(below, protocol, server,
                                             StartTlsOptions().server_side(true).call_connection_made(true)));
        auto streams = co_await open_connection(std::move(ours), secured());
        const Ref<Transport> upper = co_await serving;
        streams.second.write("over a Unix socket\n");
        EXPECT_EQ(co_await reader.readline(), "over a Unix socket\n");
        upper->close();
        EXPECT_EQ(co_await streams.first.read(), "");
        co_await end(streams);
    });
}

// Else whoever writes and drains until the transport closes does so for ever.
TEST_F(TlsTransport, AWriteNoticesThatTheConnectionBelowIsGone) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair(64 * 1024);
        const auto protocol = std::make_shared<StreamReaderProtocol>(StreamReader());
        auto below = make_socket_transport(loop(), std::move(theirs), aio::detail::protocol_to_upgrade());
        auto serving = create_task(start_tls(below, protocol, server,
                                             StartTlsOptions().server_side(true).call_connection_made(true)));
        auto streams = co_await open_connection(std::move(ours), secured());
        const Ref<Transport> upper = co_await serving;
        below->abort();
        upper->write("x");
        EXPECT_TRUE(upper->is_closing());
        streams.second.transport().abort();
        co_await settle();
    });
}

TEST_F(TlsTransport, InTls) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe;
        auto pair = co_await secured_pair(pipe);
        auto& [ours, theirs] = pair;
        auto inner = create_task(
            [](StreamWriter writer, std::shared_ptr<ssl::Context> context) -> Coro<> {
                co_await writer.start_tls(context);
            },
            theirs.second, server);
        co_await ours.second.start_tls(client, StartTlsOptions().server_hostname("127.0.0.1"));
        co_await inner;
        EXPECT_EQ(object_of(ours.second).server_hostname(), "127.0.0.1") << "the inner one's";
        ours.second.write(std::string(200'000, 'x') + "\n");
        const std::string got = co_await theirs.first.readexactly(200'001);
        EXPECT_EQ(got.back(), '\n');
        theirs.second.write("back\n");
        EXPECT_EQ(co_await ours.first.readline(), "back\n");
        ours.second.close();
        EXPECT_EQ(co_await theirs.first.read(), "");
        theirs.second.close();
        co_await ours.second.wait_closed();
        co_await theirs.second.wait_closed();
    });
}

TEST_F(TlsTransport, MarksOfItsBuffers) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe;
        auto pair = co_await secured_pair(pipe);
        Transport& transport = pair.first.second.transport();
        EXPECT_EQ(transport.get_write_buffer_limits(), (WriteBufferLimits{128 * 1024, 512 * 1024}));
        transport.set_write_buffer_limits(1000, 10);
        EXPECT_EQ(transport.get_write_buffer_limits(), (WriteBufferLimits{10, 1000}));
        transport.set_write_buffer_limits();
        EXPECT_EQ(transport.get_write_buffer_limits(), (WriteBufferLimits{128 * 1024, 512 * 1024}));
        EXPECT_THROW(transport.set_write_buffer_limits(1, 2), ValueError);
        EXPECT_EQ(transport.get_write_buffer_size(), 0u);
        transport.abort();
    });
}

TEST_F(TlsTransport, TheGoodbyeGoesBothWays) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe(MemoryPipeOptions().latency(10ms));
        auto pair = co_await secured_pair(pipe);
        auto& [ours, theirs] = pair;
        ours.second.write("last");
        const auto begin = loop().time();
        ours.second.close();
        ours.second.close();
        EXPECT_TRUE(ours.second.is_closing());
        EXPECT_EQ(co_await theirs.first.read(), "last");
        EXPECT_TRUE(theirs.second.is_closing()) << "there is no half-closed TLS";
        co_await theirs.second.wait_closed();
        co_await ours.second.wait_closed();
        EXPECT_LT(loop().time() - begin, 1s);
        EXPECT_EQ(loop().stats().timers, 0u);
    });
}

// A reader that is slow and goes on gets everything, however long it takes.
TEST_F(TlsTransport, ASlowReaderGetsAllThatWasWrittenBeforeTheClose) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe(MemoryPipeOptions().capacity(16 * 1024));
        auto pair = co_await secured_pair(pipe);
        auto& [ours, theirs] = pair;
        ours.second.write(std::string(1'000'000, 'x'));
        ours.second.close();
        std::size_t got = 0;
        while (got < 1'000'000) {
            co_await sleep(4s);
            const std::string some = co_await theirs.first.readexactly(20'000);
            got += some.size();
        }
        EXPECT_EQ(co_await theirs.first.read(), "");
        co_await ours.second.wait_closed();
    });
}

TEST_F(TlsTransport, ATruncatedConnectionIsAnError) {
    for (const bool paused : {false, true}) {
        run([&]() -> Coro<> {
            const MemoryPipe pipe;
            auto pair = co_await secured_pair(pipe);
            auto& [ours, theirs] = pair;
            if (paused) ours.second.transport().pause_reading();
            theirs.second.write("half of it");
            co_await settle();
            pipe.shut_down(End::second);
            co_await settle();
            if (paused) {
                EXPECT_FALSE(ours.second.is_closing()) << "what came before is read first";
                ours.second.transport().resume_reading();
            }
            co_await settle();
            EXPECT_EQ(ours.first.buffered(), "half of it");
            const auto read = co_await as_result(ours.first.read());
            EXPECT_TRUE(read.raised<ssl::SSLEOFError>());
            const auto closed = co_await as_result(ours.second.wait_closed());
            EXPECT_TRUE(closed.raised<ssl::SSLEOFError>());
            theirs.second.transport().abort();
        });
    }
}

TEST_F(TlsTransport, GarbageEndsTheConnectionWithAnError) {
    run([&]() -> Coro<> {
        auto sockets = socket_pair(64 * 1024);
        StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        auto below =
            make_socket_transport(loop(), std::move(sockets.second), aio::detail::protocol_to_upgrade());
        auto serving = create_task(start_tls(below, protocol, server,
                                             StartTlsOptions().server_side(true).call_connection_made(true)));
        auto plain = co_await open_connection(std::move(sockets.first));
        const Ref<Transport> raw(&plain.second.transport());
        co_await plain.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        co_await serving;
        raw->write("this is no TLS record, whatever it may be");
        const auto read = co_await as_result(reader.read());
        EXPECT_TRUE(read.raised<ssl::SSLError>());
        const auto alerted = co_await as_result(plain.first.read());
        EXPECT_TRUE(alerted.raised<ssl::SSLError>()) << "the other end is told why";
        co_await settle();
    });
}

TEST_F(TlsTransport, AGoodbyeEndsTheHandshake) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe;
        const Ref<Transport> peer =
            pipe.make_transport(loop(), End::second, std::make_shared<StreamReaderProtocol>(StreamReader()));
        StreamPair ours = client_end(pipe);
        co_await turns(3);
        peer->write(std::string_view("\x15\x03\x03\x00\x02\x01\x00", 7));
        const auto begin = loop().time();
        const auto shaken =
            co_await as_result(ours.second.start_tls(client, StartTlsOptions().server_hostname("localhost")));
        EXPECT_TRUE(shaken.raised<ConnectionResetError>());
        EXPECT_LT(loop().time() - begin, 1s);
    });
}

struct Listening final : Protocol {
    void data_received(BytesView) override {}
};

TEST_F(TlsTransport, AlertsAreSentAlsoWhereThereIsNoData) {
    run([&]() -> Coro<> {
        auto sockets = socket_pair(64 * 1024);
        auto below =
            make_socket_transport(loop(), std::move(sockets.second), aio::detail::protocol_to_upgrade());
        auto serving = create_task(
            start_tls(below, std::make_shared<Listening>(), server, StartTlsOptions().server_side(true)));
        auto plain = co_await open_connection(std::move(sockets.first));
        const Ref<Transport> raw(&plain.second.transport());
        co_await plain.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        co_await serving;
        raw->write("this is no TLS record, whatever it may be");
        const auto alerted = co_await as_result(plain.first.read());
        EXPECT_TRUE(alerted.raised<ssl::SSLError>());
        EXPECT_FALSE(alerted.raised<ssl::SSLEOFError>());
        co_await settle();
    });
}

struct Failing final : Protocol {
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView) override { throw LookupError("no such data"); }
    void connection_lost(std::exception_ptr error) override { lost = text_of(error); }
    Ref<Transport> transport;
    std::string lost = "not";
};

// S131
TEST_F(TlsTransport, AProtocolThatThrowsEndsItsConnection) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto make = [] { return std::make_shared<Failing>(); };
        auto connection = co_await create_connection(make, "127.0.0.1", port_of(listening), secured());
        auto& [transport, protocol] = connection;
        transport->write("x");
        while (protocol->lost == "not") co_await sleep(1ms);
        EXPECT_EQ(protocol->lost, "no such data");
        EXPECT_EQ(reports, "Fatal error: protocol.data_received() call failed.;");
        EXPECT_EQ(transport->get_protocol(), nullptr);
        protocol->transport = nullptr;
        co_await end(listening);
    });
}

TEST_F(TlsTransport, WritesAfterTheCloseAreIgnored) {
    const LogCapture logged;
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        streams.second.close();
        for (int i = 0; i < 4; ++i) streams.second.write("x");
        EXPECT_TRUE(logged.messages().empty());
        streams.second.write("x");
        EXPECT_EQ(logged.messages(), std::vector<std::string>{"SSL connection is closed"});
        co_await streams.second.wait_closed();
        streams.second.transport().abort();
        streams.second.transport().close();
        streams.second.transport().resume_reading();
        co_await end(listening);
    });
}

TEST_F(TlsTransport, ALoopThatIsClosedLeavesNothing) {
    auto streams = std::make_unique<StreamPair>(run([&]() -> Coro<StreamPair> {
        auto listening = co_await echo_server();
        auto connected = co_await connect(listening);
        listening.close();
        co_return connected;
    }));
    finish();
    EXPECT_TRUE(streams->second.is_closing());
    EXPECT_EQ(streams->second.transport().get_protocol(), nullptr);
    streams->second.write("into the void");
    streams->second.transport().abort();
}

TEST_F(TlsTransport, OverUnixSockets) {
    const TemporaryFolder folder;
    const std::string path = folder.file("socket");
    run([&]() -> Coro<> {
        const auto serve = [this](StreamReader r, StreamWriter w) {
            return echo(std::move(r), std::move(w));
        };
        auto listening = co_await start_unix_server(serve, path, ServerOptions().ssl(server));
        auto streams = co_await open_unix_connection(path, secured());
        EXPECT_EQ(object_of(streams.second).version(), "TLSv1.3");
        EXPECT_EQ(object_of(streams.second).getpeercert()->subject("commonName"), "localhost");
        EXPECT_EQ(streams.second.transport().peername().path(), path);
        const std::string text(100'000, 'x');
        streams.second.write(text);
        EXPECT_EQ(co_await streams.first.readexactly(text.size()), text);
        EXPECT_EQ(server_object().server_hostname(), "localhost");
        co_await end(streams);
        const auto wrong = co_await as_result(open_unix_connection(path, secured("other.test")));
        EXPECT_TRUE(wrong.raised<ssl::SSLCertVerificationError>());
        const auto plain = co_await open_unix_connection(path);  // whom nobody answers
        plain.second.write("hello, this is no TLS\n");
        const std::string answer = co_await plain.first.read();
        EXPECT_EQ(answer, "");
        plain.second.close();
        co_await end(listening);
    });
}

}  // namespace
}  // namespace aio::tests
