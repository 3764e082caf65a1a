// SPDX-License-Identifier: MIT
// Cancellation while streams talk over a slow connection in memory.
#include <injection/drains_much.hpp>
#include <support/inject.hpp>
#include <support/xor_upgrade.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using aio::testing::MemoryPipe;
using aio::testing::MemoryPipeOptions;
using aio::testing::open_memory_connection;

MemoryPipeOptions slow_and_narrow() {
    MemoryPipeOptions options;
    options.latency(1s).chunk_size(300).capacity(400);
    return options;
}

// Nothing is left of a connection that nobody got.
struct OpensInMemory : Scenario {
    MemoryPipe pipe{slow_and_narrow()};
    Coro<> subject() override {
        auto connection = co_await open_memory_connection(pipe);
        connection.first.second.write("hello\n");
        const std::string line = co_await connection.second.first.readline();
        EXPECT_EQ(line, "hello\n");
    }
    // What is let go of closes, which the other end learns a second later.
    Coro<> finish() override { co_await sleep(5s); }
};

TEST(MemoryPipeInjection, Open) { inject<OpensInMemory>(10); }

struct OverSlowPipe : Scenario {
    MemoryPipe pipe{slow_and_narrow()};
    std::optional<std::pair<StreamPair, StreamPair>> connection;
    StreamWriter writer() const { return connection->first.second; }
    StreamReader reader() const { return connection->second.first; }
    Coro<> prepare() override { connection = co_await open_memory_connection(pipe); }
    Coro<> finish() override {
        for (StreamPair* streams : {&connection->first, &connection->second}) {
            streams->second.close();
            co_await as_result(streams->second.wait_closed());
        }
        connection.reset();
    }
};

TEST(MemoryPipeInjection, Drain) { inject<DrainsMuch<OverSlowPipe, 200>>(10); }

struct WaitsForTheEnd : OverSlowPipe {
    Coro<> subject() override {
        StreamWriter writer = connection->first.second;
        writer.write(std::string(1000, 'x'));  // more than is on its way
        writer.close();
        co_await writer.wait_closed();
    }
    Coro<> others() override {
        StreamReader reader = connection->second.first;
        const auto read = co_await as_result(wait_for(reader.read(), 1min));
    }
};

TEST(MemoryPipeInjection, WaitClosed) { inject<WaitsForTheEnd>(8); }

// The connection is lost while the subject reads; cancelled or told, it has nothing left.
struct LosesIt : OverSlowPipe {
    Coro<> subject() override {
        StreamReader reader = connection->first.first;
        try {
            co_await reader.readline();
            ADD_FAILURE() << "a line of a connection that is lost";
        } catch (const ConnectionResetError&) {
        }
    }
    Coro<> others() override {
        connection->second.second.write("on its way");
        co_await sleep(3s);
        pipe.lose();
    }
};

TEST(MemoryPipeInjection, Lost) { inject<LosesIt>(5); }

// Each end is upgraded, and says a line.
struct UpgradesInMemory : Scenario {
    std::shared_ptr<XorUpgrade> context = std::make_shared<XorUpgrade>();
    Ref<Transport> below[2];

    Coro<> prepare() override {
        const MemoryPipe pipe(slow_and_narrow());
        EventLoop& loop = get_running_loop();
        for (const auto end : {MemoryPipe::End::first, MemoryPipe::End::second}) {
            below[static_cast<int>(end)] = pipe.make_transport(loop, end, aio::detail::protocol_to_upgrade());
        }
        co_await sleep(0s);
        co_await sleep(0s);
    }
    Coro<std::string> converse(int end) {
        StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        StartTlsOptions options;
        options.server_side(end == 1).call_connection_made(true);
        const Ref<Transport> above = co_await start_tls(below[end], protocol, context, std::move(options));
        StreamWriter writer(*above, protocol, reader);
        writer.write("hello\n");
        co_return co_await reader.readline();
    }
    Coro<> subject() override {
        const std::string line = co_await converse(0);
        EXPECT_EQ(line, "hello\n");
    }
    Coro<> others() override {
        const auto line = co_await as_result(wait_for(converse(1), 1min));
        below[1]->abort();
    }
    Coro<> finish() override {
        for (Ref<Transport>& transport : below) {
            transport->abort();
            co_await sleep(5s);
            EXPECT_EQ(transport->get_protocol(), nullptr);
            transport = nullptr;
        }
    }
};

TEST(MemoryPipeInjection, StartTls) { inject<UpgradesInMemory>(15); }

}  // namespace
}  // namespace aio::tests
