// SPDX-License-Identifier: MIT
// Cancellation while TLS shakes hands, sends and says goodbye over a slow connection in memory.
#include <injection/drains_much.hpp>
#include <support/inject.hpp>
#include <support/tls_upgrades.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using aio::testing::MemoryPipe;
using aio::testing::MemoryPipeOptions;
using End = MemoryPipe::End;

struct OverSlowTls : Scenario {
    Ref<Transport> below[2];
    std::optional<StreamPair> ours, theirs;
    StreamWriter writer() const { return ours->second; }
    StreamReader reader() const { return theirs->first; }

    Coro<> prepare_below() {
        const MemoryPipe pipe(MemoryPipeOptions().latency(1s).chunk_size(1500).capacity(2000));
        EventLoop& loop = get_running_loop();
        for (const End end : {End::first, End::second}) {
            below[static_cast<int>(end)] = pipe.make_transport(loop, end, aio::detail::protocol_to_upgrade());
        }
        co_await sleep(0s);
        co_await sleep(0s);
    }
    Coro<StreamPair> secured(bool server_side) {
        StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        StartTlsOptions options;
        options.server_side(server_side).server_hostname("here").call_connection_made(true);
        const Ref<Transport> above =
            co_await start_tls(below[server_side], protocol, tls(server_side), std::move(options));
        StreamWriter writer(*above, protocol, reader);
        co_return StreamPair(std::move(reader), std::move(writer));
    }
    Coro<> prepare() override {
        co_await prepare_below();
        auto server = create_task(secured(true));
        ours = co_await secured(false);
        theirs = co_await server;
    }
    Coro<> finish() override {
        for (auto* end : {&ours, &theirs}) {
            if (!*end) continue;
            (*end)->second.close();
            co_await as_result((*end)->second.wait_closed());
            end->reset();
        }
        for (Ref<Transport>& transport : below) {
            transport->abort();
            co_await sleep(5s);
            EXPECT_EQ(transport->get_protocol(), nullptr);
            transport = nullptr;
        }
    }
};

// As a client, and as what a server does with a connection that it has accepted.
struct ShakesHands : OverSlowTls {
    bool server_side;
    explicit ShakesHands(bool as_server) : server_side(as_server) {}
    Coro<> prepare() override { return prepare_below(); }
    Coro<> subject() override {
        ours = co_await secured(server_side);
        ours->second.write("hello\n");
        const std::string line = co_await ours->first.readline();
        EXPECT_EQ(line, "hello\n");
    }
    Coro<> others() override {
        const auto peer = co_await as_result([this]() -> Coro<> {
            theirs = co_await wait_for(secured(!server_side), 1min);
            const std::string line = co_await wait_for(theirs->first.readline(), 1min);
            theirs->second.write(line);
        });
    }
};
TEST(TlsTalkInjection, HandshakeOfAClient) { inject<ShakesHands>(25, false); }
TEST(TlsTalkInjection, HandshakeOfAServer) { inject<ShakesHands>(25, true); }

TEST(TlsTalkInjection, Drain) { inject<DrainsMuch<OverSlowTls, 5000>>(70); }

// The goodbye comes behind what is buffered, and is answered.
struct SaysGoodbye : OverSlowTls {
    std::string received;
    Coro<> subject() override {
        StreamWriter writer = ours->second;
        writer.write(std::string(8000, 'x'));
        writer.close();
        co_await writer.wait_closed();
    }
    Coro<> others() override {
        StreamReader reader = theirs->first;
        const auto read = co_await as_result(wait_for(reader.read(), 1min));
        if (read) received = read.value();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_TRUE(received.empty() || received.size() == 8000);
    }
};
TEST(TlsTalkInjection, WaitClosed) { inject<SaysGoodbye>(40); }

}  // namespace
}  // namespace aio::tests
