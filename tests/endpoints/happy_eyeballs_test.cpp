// SPDX-License-Identifier: MIT
// Connecting to hosts with several addresses: in order, staggered, in turn, in time.
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/known_addresses.hpp>

#include <aio/base/exception_group.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

class HappyEyeballs : public StreamsTest {
protected:
    HappyEyeballs() {
        set_resolver(loop(), resolver);
        listening.listen(10);
    }
    void known(std::vector<SocketAddress> addresses) { resolver->names["host.test"] = std::move(addresses); }
    Coro<Duration> time_to(ConnectOptions options, const SocketAddress& expected) {
        const auto begin = loop().time();
        auto [r, w] = co_await open_connection("host.test", 80, std::move(options));
        EXPECT_EQ(w.transport().peername(), expected);
        w.close();
        co_return loop().time() - begin;
    }
    static std::vector<std::string> lines(const ExceptionGroup& group) {
        std::vector<std::string> texts;
        for (const std::exception_ptr& error : group.exceptions()) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& e) {
                texts.emplace_back(e.what());
            }
        }
        return texts;
    }
    // The ports of the addresses in the order in which they were tried, all of which are refused.
    Coro<std::string> order(ConnectOptions options) {
        std::string ports;
        try {
            co_await open_connection("host.test", 80, std::move(options.all_errors(true)));
        } catch (const ExceptionGroup& group) {
            for (const std::string& line : lines(group)) {
                const std::size_t end = line.rfind(": ");
                ports += line.at(end - 1);
            }
        }
        co_return ports;
    }

    const std::shared_ptr<KnownAddresses> resolver = std::make_shared<KnownAddresses>();
    Socket listening = bound_socket();
    SocketAddress answering = listening.getsockname();
    Unanswering silent;
    Unanswering silent_too;
    Socket closed = bound_socket();
    SocketAddress refused = closed.getsockname();
};

TEST_F(HappyEyeballs, TheNextAddressIsTriedBesideASilentOne) {
    run([&]() -> Coro<> {
        known({silent.address(), silent_too.address(), answering});
        const ConnectOptions options = ConnectOptions().happy_eyeballs_delay(250ms);
        EXPECT_EQ(co_await time_to(options, answering), 500ms);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

TEST_F(HappyEyeballs, AFailedAttemptIsFollowedAtOnce) {
    run([&]() -> Coro<> {
        known({refused, answering, silent.address()});
        EXPECT_LT(co_await time_to(ConnectOptions().happy_eyeballs_delay(1h), answering), 1h);
        known({silent.address(), refused, answering});
        EXPECT_EQ(co_await time_to(ConnectOptions().happy_eyeballs_delay(10s), answering), 10s)
            << "when the last one that was started has failed";
    });
}

TEST_F(HappyEyeballs, NothingIsStartedOnceThereIsAWinner) {
    run([&]() -> Coro<> {
        known({answering, refused, silent.address()});
        const unsigned before = loop().stats().descriptors;
        auto [r, w] = co_await open_connection("host.test", 80, ConnectOptions().happy_eyeballs_delay(1h));
        EXPECT_EQ(loop().stats().descriptors, before + 1);
        EXPECT_EQ(loop().stats().timers, 0U);
        w.close();
        co_await w.wait_closed();
        EXPECT_EQ(loop().stats().descriptors, before);
    });
}

TEST_F(HappyEyeballs, AllErrorsAreToldInTheirOrder) {
    run([&]() -> Coro<> {
        const Socket also_closed = bound_socket();
        known({refused, also_closed.getsockname()});
        for (const bool staggered : {false, true}) {
            ConnectOptions options;
            if (staggered) options.happy_eyeballs_delay(1s);
            const std::string first = "connect to " + refused.str() + ": Connection refused";
            const std::string second =
                "connect to " + also_closed.getsockname().str() + ": Connection refused";
            EXPECT_EQ(co_await caught(open_connection("host.test", 80, options)),
                      "Multiple exceptions: " + first + ", " + second);
            try {
                co_await open_connection("host.test", 80, options.all_errors(true));
                ADD_FAILURE();
            } catch (const ExceptionGroup& group) {
                EXPECT_EQ(group.message(), "create_connection failed");
                EXPECT_EQ(lines(group), (std::vector<std::string>{first, second}));
            }
        }
    });
}

TEST_F(HappyEyeballs, FamiliesAreTriedInTurn) {
    run([&]() -> Coro<> {
        known({{"::1", 1}, {"::1", 2}, {"::1", 3}, {"127.0.0.1", 4}, {"127.0.0.1", 5}});
        EXPECT_EQ(co_await order(ConnectOptions()), "12345");
        EXPECT_EQ(co_await order(ConnectOptions().interleave(1)), "14253");
        EXPECT_EQ(co_await order(ConnectOptions().interleave(2)), "12435");
        EXPECT_EQ(co_await order(ConnectOptions().interleave(9)), "12345");
        EXPECT_EQ(co_await order(ConnectOptions().happy_eyeballs_delay(1s)), "14253");
        EXPECT_EQ(co_await order(ConnectOptions().happy_eyeballs_delay(1s).interleave(0)), "12345");
        EXPECT_EQ(co_await order(ConnectOptions().family(AF_INET)), "45");
    });
}

TEST_F(HappyEyeballs, F33_each_address_has_its_share_of_the_time) {
    run([&]() -> Coro<> {
        known({silent.address(), answering});
        EXPECT_EQ(co_await time_to(ConnectOptions().connect_timeout(400ms), answering), 200ms);
        known({refused, silent.address(), answering});
        EXPECT_EQ(co_await time_to(ConnectOptions().connect_timeout(400ms), answering), 200ms)
            << "what one has not used is the others'";
        known({silent.address(), silent_too.address()});
        const auto begin = loop().time();
        EXPECT_EQ(co_await caught(open_connection("host.test", 80, ConnectOptions().connect_timeout(1s))),
                  "Multiple exceptions: connect to " + silent.address().str() +
                      ": Connection timed out, connect to " + silent_too.address().str() +
                      ": Connection timed out");
        EXPECT_EQ(loop().time() - begin, 1s);
        EXPECT_EQ(loop().stats().timers, 0U);
        known({silent.address()});
        EXPECT_EQ(co_await caught(open_connection("host.test", 80, ConnectOptions().connect_timeout(1s))),
                  "TimeoutError");
    });
}

TEST_F(HappyEyeballs, TogetherTheyHaveAllOfTheTime) {
    run([&]() -> Coro<> {
        known({silent.address(), silent_too.address(), answering});
        const ConnectOptions options = ConnectOptions().happy_eyeballs_delay(100ms).connect_timeout(150ms);
        const auto begin = loop().time();
        const std::string text = co_await caught(open_connection("host.test", 80, options));
        EXPECT_EQ(text, "Multiple exceptions: connect to " + silent.address().str() +
                            ": Connection timed out, connect to " + silent_too.address().str() +
                            ": Connection timed out");
        EXPECT_EQ(loop().time() - begin, 150ms);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

TEST_F(HappyEyeballs, BindsToTheLocalAddressThatCanBeUsed) {
    run([&]() -> Coro<> {
        known({answering});
        const std::uint16_t taken = closed.getsockname().port();
        resolver->names["local.test"] = {{"::1", 0}, {"127.0.0.1", 0}, {"127.0.0.2", 0}};
        auto [r, w] =
            co_await open_connection("host.test", 80, ConnectOptions().local_addr("local.test", taken));
        EXPECT_EQ(w.transport().sockname(), SocketAddress("127.0.0.2", taken));
        w.close();
        resolver->names["local.test"] = {{"127.0.0.1", 0}, {"127.0.0.1", 0}};
        try {
            ConnectOptions options = ConnectOptions().local_addr("local.test", taken).all_errors(true);
            co_await open_connection("host.test", 80, std::move(options));
            ADD_FAILURE();
        } catch (const ExceptionGroup& group) {
            const std::string in_use = "bind to " + refused.str() + ": Address already in use";
            EXPECT_EQ(lines(group), (std::vector<std::string>{in_use, in_use}));
        }
    });
}

TEST_F(HappyEyeballs, TheResolverIsAskedWithWhatTheOptionsSay) {
    run([&]() -> Coro<> {
        known({answering});
        const ConnectOptions options =
            ConnectOptions().family(AF_INET).proto(IPPROTO_TCP).flags(0x20);  // AI_ADDRCONFIG
        auto [r, w] = co_await open_connection("host.test", 80, options);
        w.close();
        EXPECT_EQ(resolver->last.get_family(), AF_INET);
        EXPECT_EQ(resolver->last.get_type(), SOCK_STREAM);
        EXPECT_EQ(resolver->last.get_proto(), IPPROTO_TCP);
        EXPECT_EQ(resolver->last.get_flags(), 0x20);
        known({{"127.0.0.1", 0}});
        const auto nothing = [](StreamReader, StreamWriter) {};
        Server server = co_await start_server(nothing, "host.test", 0, ServerOptions().flags(0x20));
        EXPECT_EQ(resolver->last.get_flags(), 0x20 | 1) << "AI_PASSIVE";
        server.close();
        EXPECT_EQ(co_await caught(
                      open_connection("127.0.0.1", answering.port(), ConnectOptions().proto(IPPROTO_UDP))),
                  "socket for " + answering.str() + ": Protocol not supported");
    });
}

TEST_F(HappyEyeballs, CancelledWhileSeveralAreUnderWay) {
    run([&]() -> Coro<> {
        known({silent.address(), silent_too.address(), silent.address()});
        const int before = open_descriptors();
        const unsigned watched = loop().stats().descriptors;
        auto task = create_task(open_connection("host.test", 80, ConnectOptions().happy_eyeballs_delay(1s)));
        co_await sleep(1500ms);
        EXPECT_EQ(loop().stats().descriptors, watched + 2);
        EXPECT_EQ(loop().stats().timers, 1U);
        task.cancel();
        EXPECT_EQ(loop().stats().descriptors, watched) << "at once";
        EXPECT_EQ(loop().stats().timers, 0U);
        co_await ended(task);
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(open_descriptors(), before);
    });
}

}  // namespace
}  // namespace aio::tests
