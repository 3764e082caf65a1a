// SPDX-License-Identifier: MIT
// What SystemExit and KeyboardInterrupt leave behind, for a loop that is run again.
#include <net/socket_transport_support.hpp>

namespace aio::tests {
namespace {

class ExitsOfTransports : public SocketTransportTest {
protected:
    // Runs the loop, which `condition` ends; whether something threw SystemExit out of it.
    template <class Condition>
    bool run_until(Condition condition) {
        try {
            run([&]() -> Coro<> {
                for (int i = 0; i < 1000 && !condition(); ++i) co_await sleep(0s);
            });
        } catch (const SystemExit&) {
            return true;
        }
        return false;
    }
    bool run_to_exit() {
        return run_until([] { return false; });
    }
};

TEST_F(ExitsOfTransports, DoNotForgetThatTheSocketIsWritable) {
    const auto transport = connect(kSmallBuffer);
    EXPECT_FALSE(run_until([&] { return !print.empty(); }));
    const std::size_t written = write_beyond(*transport);
    EXPECT_FALSE(run_until([] { return false; }));
    // Both edges come in one poll, and the reading comes first.
    std::size_t received = read_all(peer.fileno()).size();
    write_text(peer.fileno(), "x");
    protocol->on_data = [](BytesView) { throw SystemExit(7); };
    EXPECT_TRUE(run_to_exit());
    protocol->on_data = nullptr;
    run_until([&] {
        received += read_all(peer.fileno()).size();
        return received == written;
    });
    EXPECT_EQ(received, written);
}

TEST_F(ExitsOfTransports, TheEndOfFileIsToldAgain) {
    connect();
    EXPECT_FALSE(run_until([&] { return !print.empty(); }));
    ::shutdown(peer.fileno(), SHUT_WR);
    protocol->on_eof = [] { throw SystemExit(7); };
    EXPECT_TRUE(run_to_exit());
    protocol->on_eof = nullptr;
    EXPECT_FALSE(run_until([&] { return protocol->lost; }));
    EXPECT_EQ(print.text(), "made\neof\neof\nlost None\n");
}

TEST_F(ExitsOfTransports, WhoWaitsForAConnectionIsToldAlsoOfOneThatEnded) {
    protocol->on_made = [](Transport& made) {
        made.abort();
        throw SystemExit(7);
    };
    auto [ours, theirs] = socket_pair();
    SocketTransportOptions options;
    bool told = false;
    options.on_made([&] { told = true; });
    make_socket_transport(loop(), std::move(ours), protocol, std::move(options));
    EXPECT_TRUE(run_to_exit());
    EXPECT_FALSE(run_until([&] { return protocol->lost; }));
    EXPECT_TRUE(told);
    EXPECT_EQ(print.text(), "made\nlost None\n");
}

}  // namespace
}  // namespace aio::tests
