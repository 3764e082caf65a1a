// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/transport.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// The subject reads, others feed in pieces. What was fed is read by the subject or still there afterwards: a
// cancelled read loses no byte.
struct Reads : Scenario {
    StreamReader reader;
    std::vector<const char*> pieces{"on", "e\ntw", "o\n", "three\nfo", "ur\n"};
    std::string taken;
    std::string left;

    Coro<> others() override {
        for (const char* piece : pieces) {
            co_await sleep(1s);
            reader.feed_data(piece);
        }
        reader.feed_eof();
    }
    Coro<> finish() override { left = co_await reader.read(); }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(taken + left, "one\ntwo\nthree\nfour\n");
    }
};

struct ReadsSome : Reads {
    Coro<> subject() override {
        for (;;) {
            std::string some = co_await reader.read(3);
            if (some.empty()) co_return;
            taken += some;
        }
    }
};
struct ReadsLines : Reads {
    Coro<> subject() override {
        for (;;) {
            std::string line = co_await reader.readline();
            if (line.empty()) co_return;
            taken += line;
        }
    }
};
struct ReadsNextLines : Reads {
    Coro<> subject() override {
        while (auto line = co_await reader.next_line()) taken += *line;
    }
};
struct ReadsUntil : Reads {
    Coro<> subject() override {
        for (int i = 0; i < 4; ++i) taken += co_await reader.readuntil("\n");
    }
};
struct ReadsExactly : Reads {
    Coro<> subject() override {
        for (int i = 0; i < 4; ++i) taken += co_await reader.readexactly(4);
    }
};
struct ReadsInto : Reads {
    std::string memory = std::string(5, '\0');
    Coro<> subject() override {
        for (;;) {
            const std::size_t count = co_await reader.read_into(memory);
            if (count == 0) co_return;
            taken.append(memory, 0, count);
        }
    }
};
struct ReadsViews : Reads {
    Coro<> subject() override {
        for (;;) {
            const BytesView view = co_await reader.read_view();
            if (view.empty()) co_return;
            taken.append(view.data(), view.size());
        }
    }
};
struct ReadsChunks : Reads {
    Coro<> subject() override {
        while (auto chunk = co_await reader.next_chunk()) taken += *chunk;
    }
};
// Lines that are parsed in place.
struct ReadsInPlace : Reads {
    Coro<> subject() override {
        std::size_t missing = 1;
        for (;;) {
            const BytesView view = co_await reader.fill(missing);
            if (view.size() < missing) co_return;
            const std::size_t end = view.text().find('\n') + 1;  // 0 if there is none
            missing = end ? 1 : view.size() + 1;
            taken.append(view.data(), end);
            reader.consume(end);
        }
    }
};
// Reads everything in one await: nothing is taken unless all is.
struct ReadsAll : Reads {
    Coro<> subject() override { taken = co_await reader.read(); }
};

TEST(StreamsInjection, Read) { inject<ReadsSome>(32); }
TEST(StreamsInjection, ReadAll) { inject<ReadsAll>(24); }
TEST(StreamsInjection, Readline) { inject<ReadsLines>(30); }
TEST(StreamsInjection, NextLine) { inject<ReadsNextLines>(30); }
TEST(StreamsInjection, Readuntil) { inject<ReadsUntil>(30); }
TEST(StreamsInjection, Readexactly) { inject<ReadsExactly>(24); }
TEST(StreamsInjection, ReadInto) { inject<ReadsInto>(32); }
TEST(StreamsInjection, ReadView) { inject<ReadsViews>(32); }
TEST(StreamsInjection, NextChunk) { inject<ReadsChunks>(32); }
TEST(StreamsInjection, Fill) { inject<ReadsInPlace>(32); }

// The same over a socket, where read_into() has the system write straight into the caller's memory.
struct Connected : Scenario {
    Socket peer;
    std::optional<StreamPair> streams;

    virtual int buffer() const { return 0; }  // as in set_buffers()
    Coro<> prepare() override {
        auto [ours, theirs] = socket_pair(buffer());
        peer = std::move(theirs);
        streams = co_await open_connection(std::move(ours));
    }
    StreamReader& reader() { return streams->first; }
    StreamWriter& writer() { return streams->second; }
    Coro<> close() {
        writer().close();
        co_await writer().wait_closed();
        streams.reset();
    }
};

struct ReadsSocketInto : Connected {
    std::string taken;
    std::string left;
    std::string memory = std::string(4, '\0');
    std::vector<const char*> pieces{"one", "two", "three"};
    Coro<> subject() override {
        for (;;) {
            const std::size_t count = co_await reader().read_into(memory);
            if (count == 0) co_return;
            taken.append(memory, 0, count);
        }
    }
    Coro<> others() override {
        for (const char* piece : pieces) {
            co_await sleep(1s);
            write_text(peer.fileno(), piece);
        }
        co_await sleep(1s);
        peer.close();
    }
    Coro<> finish() override {
        left = co_await reader().read();
        co_await close();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(taken + left, "onetwothree");
    }
};

TEST(StreamsInjection, ReadIntoFromASocket) { inject<ReadsSocketInto>(33); }

// drain() above the high mark: everything that was written arrives, however often its drain() was cancelled.
struct Drains : Connected {
    static constexpr std::size_t kBlock = 100'000;
    static constexpr int kBlocks = 6;
    int written = 0;
    bool waited = false;
    std::size_t received = 0;
    int buffer() const override { return kSmallBuffer; }  // less than a block
    Coro<> subject() override {
        for (int i = 0; i < kBlocks; ++i) {
            writer().write(std::string(kBlock, 'x'));
            ++written;
            waited = waited || writer().transport().get_write_buffer_size() >
                                   writer().transport().get_write_buffer_limits().high;
            co_await writer().drain();
        }
    }
    Coro<> others() override {
        for (int i = 0; i < 40; ++i) {
            co_await sleep(10ms);
            received += read_all(peer.fileno()).size();
        }
    }
    Coro<> finish() override {
        writer().close();
        while (received < static_cast<std::size_t>(written) * kBlock) {
            co_await sleep(10ms);
            received += read_all(peer.fileno()).size();
        }
        co_await close();
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(received, static_cast<std::size_t>(written) * kBlock);
        if (outcome.cancels == 0) {
            EXPECT_EQ(written, kBlocks);
            EXPECT_TRUE(waited);
        }
    }
};

// 99 here. How much a kernel takes at a time is its own business; with twice as much there would be half of
// them.
TEST(StreamsInjection, Drain) { inject<Drains>(50); }

struct WaitsClosed : Connected {
    Coro<> subject() override {
        writer().close();
        co_await writer().wait_closed();
    }
    Coro<> finish() override { co_await close(); }
};

TEST(StreamsInjection, WaitClosed) { inject<WaitsClosed>(6); }

// A server that answers one line per connection.
struct Serving : Scenario {
    std::optional<Server> server;
    int answered = 0;

    Coro<> answer(StreamReader reader, StreamWriter writer) {
        const std::string line = co_await reader.readline();
        if (!line.empty()) {
            writer.write(line);
            ++answered;
        }
        writer.close();
        co_await writer.wait_closed();
    }
    Coro<> listen(ServerOptions options) {
        auto callback = [this](StreamReader reader, StreamWriter writer) {
            return answer(std::move(reader), std::move(writer));
        };
        server = co_await start_server(std::move(callback), "127.0.0.1", 0, std::move(options));
        if (server->is_serving()) port = server->sockets()[0].getsockname().port();
    }
    Coro<> shut_down() {
        server->close();
        co_await server->wait_closed();
        server.reset();
    }
    int port = 0;
};

struct Connects : Serving {
    Coro<> prepare() override { co_await listen(ServerOptions()); }
    Coro<> subject() override {
        auto streams = co_await open_connection("127.0.0.1", port);
        co_await say_hello(std::move(streams));
    }
    Coro<> finish() override { co_await shut_down(); }
};

// 25 here, and more where the kernel is slow. Two of its events may come in one iteration instead of in two.
TEST(StreamsInjection, OpenConnection) { inject<Connects>(20); }

// A start_server() that is cancelled leaves no listener behind.
struct Starts : Serving {
    Coro<> subject() override { co_await listen(ServerOptions()); }
    Coro<> finish() override {
        if (server) co_await shut_down();
    }
};

TEST(StreamsInjection, StartServer) { inject<Starts>(4); }

// serve_forever() ends only by cancellation, and has closed the server then.
struct ServesForever : Serving {
    Coro<> prepare() override { co_await listen(ServerOptions()); }
    Coro<> subject() override { co_await server->serve_forever(); }
    Coro<> others() override {
        co_await sleep(1s);
        server->close();
    }
    Coro<> finish() override {
        EXPECT_FALSE(server->is_serving());
        co_await shut_down();
    }
    void check(const Outcome& outcome) override { EXPECT_TRUE(outcome.subject.cancelled()); }
};

TEST(StreamsInjection, ServeForever) { inject<ServesForever>(8); }

struct WaitsForServer : Serving {
    std::optional<StreamPair> client;
    Coro<> prepare() override {
        co_await listen(ServerOptions());
        client = co_await open_connection("127.0.0.1", port);
    }
    Coro<> subject() override {
        server->close();
        co_await server->wait_closed();
    }
    Coro<> others() override {
        client->second.write("bye\n");
        const std::string line = co_await client->first.readline();
        EXPECT_EQ(line, "bye\n");
        co_await sleep(1s);
        client->second.close();
        co_await client->second.wait_closed();
    }
    Coro<> finish() override {
        client.reset();
        co_await shut_down();
    }
};

// 10 here; as for OpenConnection.
TEST(StreamsInjection, ServerWaitClosed) { inject<WaitsForServer>(8); }

// Over a slow connection in memory.
struct TalksOverMemory : Scenario {
    std::optional<std::pair<StreamPair, StreamPair>> connection;
    Coro<> prepare() override {
        aio::testing::MemoryPipe pipe(
            aio::testing::MemoryPipeOptions().latency(1s).chunk_size(3).capacity(4));
        connection = co_await aio::testing::open_memory_connection(std::move(pipe));
    }
    Coro<> subject() override {
        auto& [reader, writer] = connection->first;
        writer.transport().set_write_buffer_limits(0);
        writer.write("question\n");
        co_await writer.drain();
        const std::string answer = co_await reader.readline();
        EXPECT_EQ(answer, "answer\n");
    }
    Coro<> others() override {
        auto& [reader, writer] = connection->second;
        co_await as_result(wait_for(reader.readline(), 1min));  // of a subject that never began comes nothing
        writer.write("answer\n");
        writer.write_eof();
    }
    Coro<> finish() override {
        for (StreamPair* streams : {&connection->first, &connection->second}) {
            streams->second.close();
            co_await as_result(streams->second.wait_closed());
        }
        connection.reset();
    }
};

TEST(StreamsInjection, OverMemory) { inject<TalksOverMemory>(10); }

}  // namespace
}  // namespace aio::tests
