// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/net/socket_transport.hpp>
#include <aio/testing.hpp>
#include <aio/transport/transport_group.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

static_assert(std::has_virtual_destructor_v<TransportUpgrade>);

/// Writes down what it hears.
struct HearingProtocol : Protocol {
    void connection_made(Transport& transport) override {
        made = &transport;
        heard += "made ";
    }
    void data_received(BytesView data) override { heard += data.str() + " "; }
    bool eof_received() override {
        heard += "eof ";
        return true;
    }
    void connection_lost(std::exception_ptr error) override { heard += "lost:" + error_name(error); }
    Transport* made = nullptr;
    std::string heard;
};

class TransportUpgradeTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    /// A transport over one end of a socket pair; `peer` is the other.
    Coro<Ref<Transport>> connect() {
        auto [ours, theirs] = socket_pair();
        peer = std::move(theirs);
        Ref<Transport> transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await sleep(0s);
        EXPECT_EQ(std::exchange(protocol->heard, ""), "made ");
        co_return transport;
    }
    Coro<std::string> from_peer(std::size_t count) { return read_size(peer.fileno(), count); }
    Coro<> heard(std::string text) {
        while (protocol->heard.size() < text.size()) co_await sleep(0s);
        EXPECT_EQ(std::exchange(protocol->heard, ""), text);
    }

    std::shared_ptr<HearingProtocol> protocol = std::make_shared<HearingProtocol>();
    std::shared_ptr<XorUpgrade> context = std::make_shared<XorUpgrade>();
    Socket peer;
};

TEST_F(TransportUpgradeTest, OptionsHaveAsynciosDefaults) {
    StartTlsOptions options;
    EXPECT_FALSE(options.get_server_side());
    EXPECT_FALSE(options.get_call_connection_made());
    EXPECT_EQ(options.get_ssl_handshake_timeout(), 60s);
    EXPECT_EQ(options.get_ssl_shutdown_timeout(), 30s);
    options.ssl_handshake_timeout(1s).ssl_shutdown_timeout(2s);
    EXPECT_EQ(options.get_ssl_handshake_timeout(), 1s);
    EXPECT_EQ(options.get_ssl_shutdown_timeout(), 2s);
}

TEST_F(TransportUpgradeTest, AClientUpgradesInFlight) {
    run([&]() -> Coro<> {
        auto below = co_await connect();
        auto upgrade = create_task(start_tls(
            below, protocol, context, StartTlsOptions().server_hostname("host").ssl_shutdown_timeout(7s)));
        EXPECT_EQ(co_await from_peer(9), "XOR host\n");
        EXPECT_EQ(context->seen.at(0).get_ssl_shutdown_timeout(), 7s);
        write_text(peer.fileno(), "OK\n" + turned("first"));
        const Ref<Transport> upper = co_await upgrade;
        co_await heard("first ");
        EXPECT_NE(upper.get(), below.get());
        EXPECT_EQ(upper->get_protocol(), protocol);
        EXPECT_EQ(&detail::topmost(*below), upper.get());
        EXPECT_EQ(upper->get_extra_info("cipher", std::string()), "XOR");
        EXPECT_EQ(upper->fd(), below->fd());
        upper->write("question");
        EXPECT_EQ(co_await from_peer(8), turned("question"));
        write_text(peer.fileno(), turned("answer"));
        co_await heard("answer ");
        peer.close();
        co_await heard("eof ");
        upper->close();
        co_await heard("lost:None");
        EXPECT_EQ(upper->get_protocol(), nullptr);
    });
}

TEST_F(TransportUpgradeTest, AServersHandshakeBeginsWithWhatWasReceived) {
    for (std::size_t cut = 0; cut <= 6; ++cut) {
        run([&]() -> Coro<> {
            auto below = co_await connect();
            const std::string hello = "XOR a\n" + turned("ab");
            auto options = StartTlsOptions().server_side(true).received(hello.substr(0, cut));
            auto upgrade = create_task(start_tls(below, protocol, context, options));
            for (const char byte : hello.substr(cut)) {
                for (int i = 0; i < 3; ++i) co_await sleep(0s);
                write_text(peer.fileno(), std::string(1, byte));
            }
            const Ref<Transport> upper = co_await upgrade;
            std::string all;
            while (all.size() < 2) {
                co_await sleep(0s);
                all += std::exchange(protocol->heard, "");
                std::erase(all, ' ');
            }
            EXPECT_EQ(all, "ab") << cut;
            EXPECT_EQ(co_await from_peer(3), "OK\n");
            upper->abort();
            co_await heard("lost:None");
        });
    }
}

TEST_F(TransportUpgradeTest, ANewProtocolIsToldOfTheNewTransport) {
    run([&]() -> Coro<> {
        auto below = co_await connect();
        auto fresh = std::make_shared<HearingProtocol>();
        write_text(peer.fileno(), "XOR\n");
        peer.close();
        try {
            co_await start_tls(below, fresh, context,
                               StartTlsOptions().server_side(true).call_connection_made(true));
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_STREQ(e.what(), "no XOR greeting: XOR");
        }
        co_await sleep(0s);
        co_await sleep(0s);
        EXPECT_EQ(fresh->heard, "") << "it was never connected";
        EXPECT_EQ(protocol->heard, "") << "and the old one was replaced";
    });
    run([&]() -> Coro<> {
        auto below = co_await connect();
        auto fresh = std::make_shared<HearingProtocol>();
        write_text(peer.fileno(), "XOR x\n");
        const auto options = StartTlsOptions().server_side(true).call_connection_made(true);
        const Ref<Transport> upper = co_await start_tls(below, fresh, context, options);
        EXPECT_EQ(fresh->made, upper.get());
        upper->close();
        co_await until([&] { return fresh->heard == "made lost:None"; });
    });
}

TEST_F(TransportUpgradeTest, TheHandshakeHasATimeLimit) {
    run([&]() -> Coro<> {
        auto below = co_await connect();
        const auto begin = loop().time();
        try {
            co_await start_tls(below, protocol, context);
            ADD_FAILURE();
        } catch (const ConnectionAbortedError& e) {
            EXPECT_STREQ(e.what(), "SSL handshake is taking longer than 60 seconds: aborting the connection");
        }
        EXPECT_EQ(loop().time() - begin, 60s);
        EXPECT_TRUE(below->is_closing());
        co_await heard("lost:None");
    });
}

TEST_F(TransportUpgradeTest, WrongArgumentsChangeNothing) {
    run([&]() -> Coro<> {
        auto below = co_await connect();
        const auto refused = [](Ref<Transport> transport, std::shared_ptr<BaseProtocol> served,
                                std::shared_ptr<TransportUpgrade> by,
                                StartTlsOptions options) -> Coro<std::string> {
            try {
                co_await start_tls(std::move(transport), std::move(served), std::move(by),
                                   std::move(options));
            } catch (const std::exception& e) {
                co_return e.what();
            }
            co_return "accepted";
        };
        const StartTlsOptions plain;
        EXPECT_EQ(co_await refused(nullptr, protocol, context, plain),
                  "start_tls() needs a transport and a context");
        EXPECT_EQ(co_await refused(below, protocol, nullptr, plain),
                  "start_tls() needs a transport and a context");
        EXPECT_EQ(co_await refused(below, nullptr, context, plain),
                  "start_tls() needs a Protocol or a BufferedProtocol");
        EXPECT_EQ(co_await refused(below, protocol, context, StartTlsOptions().ssl_handshake_timeout(0s)),
                  "ssl_handshake_timeout should be a positive number, got 0");
        EXPECT_EQ(co_await refused(below, protocol, context, StartTlsOptions().ssl_shutdown_timeout(-1500ms)),
                  "ssl_shutdown_timeout should be a positive number, got -1.5");
        write_text(peer.fileno(), "plain");
        co_await heard("plain ");
        below->close();
        EXPECT_EQ(co_await refused(below, protocol, context, plain),
                  "Connection lost: Connection reset by peer");
        co_await heard("lost:None");
    });
}

TEST_F(TransportUpgradeTest, AHandshakeThatFailsClosesTheConnection) {
    for (const int how : {0, 1, 2}) {
        run([&]() -> Coro<> {
            auto below = co_await connect();
            auto upgrade = create_task(start_tls(below, protocol, context));
            co_await from_peer(5);
            if (how == 0) write_text(peer.fileno(), "NO\n");
            if (how == 1) peer.close();
            if (how == 2) below->abort();
            co_await ended(upgrade);
            EXPECT_TRUE(exception_ptr_cast<OSError>(upgrade.exception())) << how;
            EXPECT_TRUE(below->is_closing());
            co_await heard("lost:None");
        });
    }
}

TEST_F(TransportUpgradeTest, CancellationClosesTheConnection) {
    for (int turns = 1; turns < 6; ++turns) {
        run([&]() -> Coro<> {
            auto below = co_await connect();
            auto upgrade = create_task(start_tls(below, protocol, context));
            for (int i = 0; i < turns; ++i) {
                if (i == 1) write_text(peer.fileno(), "OK\n");
                co_await sleep(0s);
            }
            upgrade.cancel();
            co_await ended(upgrade);
            if (!upgrade.cancelled()) upgrade.result()->close();
            EXPECT_TRUE(below->is_closing());
            co_await heard("lost:None");
        });
    }
}

TEST_F(TransportUpgradeTest, AnUpgradeCanBeUpgraded) {
    run([&]() -> Coro<> {
        struct Group final : TransportGroup {
            void emptied() override { ++emptied_; }
            int emptied_ = 0;
        };
        const Ref<Group> group(new Group);
        auto [ours, theirs] = socket_pair();
        const auto below =
            make_socket_transport(loop(), std::move(ours), protocol,
                                  SocketTransportOptions().group(Ref<TransportGroup>(group.get())));
        co_await sleep(0s);
        EXPECT_EQ(group->members().at(0).get(), below.get());
        const auto options = StartTlsOptions().server_side(true);
        write_text(theirs.fileno(), "XOR 1\n" + turned("XOR 2\n"));
        const auto first = co_await start_tls(below, protocol, context, options);
        EXPECT_EQ(group->members().at(0).get(), first.get());
        const auto second =
            co_await start_tls(first, protocol, context, StartTlsOptions(options).received("XOR 2\n"));
        EXPECT_EQ(group->members().at(0).get(), second.get());
        second->close();
        co_await until([&] { return group->empty(); });
        EXPECT_EQ(group->emptied_, 1);
    });
}

TEST_F(TransportUpgradeTest, TheLoopMayCloseAtAnyTime) {
    for (int turns = 0; turns < 6; ++turns) {
        const auto loop = new_event_loop();
        auto [ours, theirs] = socket_pair();
        const auto below = make_socket_transport(*loop, std::move(ours), protocol);
        write_text(theirs.fileno(), "OK\n");
        loop->create_task(start_tls(below, protocol, context));
        for (int i = 0; i < turns; ++i) {
            loop->call_soon([&] { loop->stop(); });
            loop->run_forever();
        }
    }
    EXPECT_EQ(protocol.use_count(), 1) << "nobody keeps it";
}

}  // namespace
}  // namespace aio::tests
