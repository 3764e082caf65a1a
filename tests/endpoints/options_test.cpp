// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary, which is moved on and
// never copied.
#include "support/chained_setters.hpp"

#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/fs.hpp>
#include <aio/net.hpp>
#include <aio/net/socket_transport.hpp>
#include <aio/testing.hpp>
#include <aio/transport/sendfile.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace aio {
namespace {

using tests::expect_chained;

using namespace std::chrono_literals;
using concurrent::MapOptions;
using concurrent::ThreadPoolOptions;

TEST(ChainedSetters, OfEveryOptionClassKeepWhatTheyAreCalledOn) {
    expect_chained<TaskOptions>(SETTER(name("worker")));
    expect_chained<TaskOptions>(SETTER(context(Context())));
    expect_chained<TaskOptions>(SETTER(eager_start(true)));
    expect_chained<LoopOptions>(SETTER(debug(true)));
    expect_chained<LoopOptions>(SETTER(poller("epoll")));
    expect_chained<LoopOptions>(SETTER(clock(nullptr)));
    expect_chained<LoopOptions>(SETTER(shuffle(1)));
    expect_chained<RunOptions>(SETTER(debug(true)));
    expect_chained<RunOptions>(SETTER(loop_factory([] { return new_event_loop(); })));
    expect_chained<RunOptions>(SETTER(shutdown_timeout(1s)));
    expect_chained<WaitOptions>(SETTER(return_when(ReturnWhen::first_completed)));
    expect_chained<WaitOptions>(SETTER(timeout(1s)));
    expect_chained<CallGraphOptions>(SETTER(depth(2)));
    expect_chained<CallGraphOptions>(SETTER(limit(2)));
    expect_chained<MapOptions>(SETTER(timeout(1s)));
    expect_chained<MapOptions>(SETTER(chunksize(2)));
    expect_chained<MapOptions>(SETTER(buffersize(2)));
    expect_chained<ThreadPoolOptions>(SETTER(max_workers(2)));
    expect_chained<ThreadPoolOptions>(SETTER(thread_name_prefix("pool")));
    expect_chained<ThreadPoolOptions>(SETTER(initializer([](int) {}, 1)));
}

TEST(ChainedSetters, OfFilesKeepWhatTheyAreCalledOn) {
    expect_chained<fs::OpenOptions>(SETTER(permissions(0600)));
    expect_chained<fs::OpenOptions>(SETTER(flags(1)));
    expect_chained<fs::OpenOptions>(SETTER(limit(1)));
    expect_chained<fs::TempOptions>(SETTER(prefix("a")));
    expect_chained<fs::TempOptions>(SETTER(suffix("a")));
    expect_chained<fs::TempOptions>(SETTER(dir("/tmp")));
    expect_chained<fs::TempOptions>(SETTER(delete_on_close(false)));
}

TEST(ChainedSetters, OfConnectionsKeepWhatTheyAreCalledOn) {
    expect_chained<ConnectOptions>(SETTER(family(AF_INET)));
    expect_chained<ConnectOptions>(SETTER(local_addr("127.0.0.1", 0)));
    expect_chained<ConnectOptions>(SETTER(all_errors(true)));
    expect_chained<ConnectOptions>(SETTER(proto(IPPROTO_TCP)));
    expect_chained<ConnectOptions>(SETTER(flags(1)));
    expect_chained<ConnectOptions>(SETTER(happy_eyeballs_delay(250ms)));
    expect_chained<ConnectOptions>(SETTER(interleave(2)));
    expect_chained<ConnectOptions>(SETTER(connect_timeout(1s)));
    expect_chained<ConnectOptions>(SETTER(limit(10)));
    expect_chained<ConnectOptions>(SETTER(resolver(nullptr)));
    expect_chained<ConnectOptions>(SETTER(ssl(nullptr)));
    expect_chained<ConnectOptions>(SETTER(server_hostname("host")));
    expect_chained<ConnectOptions>(SETTER(ssl_handshake_timeout(1s)));
    expect_chained<ConnectOptions>(SETTER(ssl_shutdown_timeout(1s)));
    expect_chained<StartTlsOptions>(SETTER(server_side(true)));
    expect_chained<StartTlsOptions>(SETTER(server_hostname("host")));
    expect_chained<StartTlsOptions>(SETTER(ssl_handshake_timeout(1s)));
    expect_chained<StartTlsOptions>(SETTER(ssl_shutdown_timeout(1s)));
    expect_chained<StartTlsOptions>(SETTER(received("hello")));
    expect_chained<StartTlsOptions>(SETTER(call_connection_made(true)));
    expect_chained<ServerOptions>(SETTER(family(AF_INET)));
    expect_chained<SendfileOptions>(SETTER(offset(1)));
    expect_chained<SendfileOptions>(SETTER(count(1)));
    expect_chained<SendfileOptions>(SETTER(fallback(false)));
    expect_chained<AddrInfoOptions>(SETTER(family(AF_INET)));
    expect_chained<AddrInfoOptions>(SETTER(type(SOCK_STREAM)));
    expect_chained<AddrInfoOptions>(SETTER(proto(IPPROTO_TCP)));
    expect_chained<AddrInfoOptions>(SETTER(flags(1)));
    expect_chained<ServerOptions>(SETTER(backlog(1)));
    expect_chained<ServerOptions>(SETTER(reuse_address(true)));
    expect_chained<ServerOptions>(SETTER(reuse_port(true)));
    expect_chained<ServerOptions>(SETTER(keep_alive(true)));
    expect_chained<ServerOptions>(SETTER(start_serving(false)));
    expect_chained<ServerOptions>(SETTER(limit(10)));
    expect_chained<ServerOptions>(SETTER(flags(1)));
    expect_chained<ServerOptions>(SETTER(drain(30s, 5s)));
    expect_chained<ServerOptions>(SETTER(mode(0600)));
    expect_chained<ServerOptions>(SETTER(cleanup_socket(false)));
    expect_chained<ServerOptions>(SETTER(resolver(nullptr)));
    expect_chained<ServerOptions>(SETTER(ssl(nullptr)));
    expect_chained<ServerOptions>(SETTER(ssl_handshake_timeout(1s)));
    expect_chained<ServerOptions>(SETTER(ssl_shutdown_timeout(1s)));
    expect_chained<DatagramOptions>(SETTER(local_addr("127.0.0.1", 0)));
    expect_chained<DatagramOptions>(SETTER(local_addr("/run/socket")));
    expect_chained<DatagramOptions>(SETTER(local_addr(SocketAddress())));
    expect_chained<DatagramOptions>(SETTER(remote_addr("127.0.0.1", 0)));
    expect_chained<DatagramOptions>(SETTER(remote_addr("/run/socket")));
    expect_chained<DatagramOptions>(SETTER(remote_addr(SocketAddress())));
    expect_chained<DatagramOptions>(SETTER(family(AF_INET)));
    expect_chained<DatagramOptions>(SETTER(proto(IPPROTO_UDP)));
    expect_chained<DatagramOptions>(SETTER(flags(1)));
    expect_chained<DatagramOptions>(SETTER(reuse_port(true)));
    expect_chained<DatagramOptions>(SETTER(allow_broadcast(true)));
    expect_chained<DatagramOptions>(SETTER(limit(1)));
    expect_chained<DatagramOptions>(SETTER(resolver(nullptr)));
    expect_chained<testing::MemoryPipeOptions>(SETTER(latency(std::chrono::seconds(1))));
    expect_chained<testing::MemoryPipeOptions>(SETTER(chunk_size(1)));
    expect_chained<testing::MemoryPipeOptions>(SETTER(capacity(1)));
    expect_chained<SocketTransportOptions>(SETTER(peername(SocketAddress())));
    expect_chained<SocketTransportOptions>(SETTER(group(Ref<TransportGroup>())));
    expect_chained<SocketTransportOptions>(SETTER(on_made([] {})));
}

#undef SETTER

TEST(ChainedSetters, OfATemporarySetWhatTheySay) {
    const TaskOptions task = TaskOptions().name("worker").eager_start(true);
    EXPECT_EQ(task.get_name(), "worker");
    EXPECT_TRUE(task.get_eager_start());
    const WaitOptions wait = WaitOptions().timeout(3s).return_when(ReturnWhen::first_exception);
    EXPECT_EQ(wait.get_timeout(), 3s);
    EXPECT_EQ(wait.get_return_when(), ReturnWhen::first_exception);
    const ServerOptions server = ServerOptions().backlog(7).limit(9).keep_alive(true).reuse_port(true);
    EXPECT_EQ(server.get_backlog(), 7);
    EXPECT_EQ(server.get_limit(), 9u);
    EXPECT_TRUE(server.get_keep_alive() && server.get_reuse_port());
    const ConnectOptions connect = ConnectOptions().local_addr("localhost", 5).family(AF_INET6);
    EXPECT_EQ(connect.get_local_host(), "localhost");
    EXPECT_EQ(connect.get_local_port(), 5);
    EXPECT_EQ(connect.get_family(), AF_INET6);
    const MapOptions map = MapOptions().buffersize(3).timeout(1ms).chunksize(2);
    EXPECT_EQ(map.get_buffersize(), 3u);
    EXPECT_EQ(map.get_timeout(), 1ms);
    const CallGraphOptions graph = CallGraphOptions().depth(3).limit(-1);
    EXPECT_EQ(graph.get_depth(), 3);
    EXPECT_EQ(graph.get_limit(), -1);
}

// The rule as a program's own class follows it, with a member that cannot be copied; counts what is done to
// it.
struct Counts {
    int made = 0, moved = 0, gone = 0;
};

class Response {
public:
    explicit Response(Counts& counts) : counts_(&counts) { ++counts_->made; }
    Response(Response&& other) noexcept
        : counts_(other.counts_), text_(std::move(other.text_)), file_(std::move(other.file_)) {
        ++counts_->moved;
    }
    Response& operator=(Response&&) = delete;
    ~Response() { ++counts_->gone; }

    Response& text(std::string text) & {
        text_ = std::move(text);
        return *this;
    }
    Response&& text(std::string text) && { return std::move(this->text(std::move(text))); }
    Response& file(std::unique_ptr<int> file) & {
        file_ = std::move(file);
        return *this;
    }
    Response&& file(std::unique_ptr<int> file) && { return std::move(this->file(std::move(file))); }
    const std::string& get_text() const noexcept { return text_; }
    const std::unique_ptr<int>& get_file() const noexcept { return file_; }

private:
    Counts* counts_;
    std::string text_;
    std::unique_ptr<int> file_;
};

const std::string kText(100, 'x');

Coro<Response> answer(Counts& counts) {
    co_await sleep(0s);
    co_return Response(counts).text(kText).file(std::make_unique<int>(5)).text(kText);
}

Coro<std::size_t> send(Response response) {
    co_await sleep(0s);
    co_return response.get_text().size() + static_cast<std::size_t>(*response.get_file());
}

Coro<std::size_t> look(const Response& response) {
    co_await sleep(0s);
    co_return response.get_text().size();
}

Coro<std::string> named(const TaskOptions& options) {
    co_await sleep(0s);
    co_return options.get_name().value();
}
Coro<std::string> named_by_value(TaskOptions options) {
    co_await sleep(0s);
    co_return options.get_name().value();
}
Coro<TaskOptions> make_options() { co_return TaskOptions().name(kText).eager_start(true); }

struct ChainedSettersTest : ::testing::Test, testing::LoopTest {
    Counts counts;
};

TEST_F(ChainedSettersTest, CanBeReturnedByACoroutine) {
    run([&]() -> Coro<> {
        const Response response = co_await answer(counts);
        EXPECT_EQ(response.get_text(), kText);
        EXPECT_EQ(*response.get_file(), 5);
        EXPECT_EQ(counts.made, 1);
        const TaskOptions options = co_await make_options();
        EXPECT_EQ(options.get_name(), kText);
    });
    EXPECT_EQ(counts.made + counts.moved, counts.gone);
}

TEST_F(ChainedSettersTest, CanBeGivenToACoroutineThatIsAwaited) {
    run([&]() -> Coro<> {
        const std::size_t sent = co_await send(Response(counts).text(kText).file(std::make_unique<int>(5)));
        EXPECT_EQ(sent, kText.size() + 5);
        EXPECT_EQ(counts.moved, 2);  // into the parameter, and from there into the frame
        const std::size_t seen = co_await look(Response(counts).text(kText).file(std::make_unique<int>(5)));
        EXPECT_EQ(seen, kText.size());
        EXPECT_EQ(counts.moved, 2);
        const std::string first = co_await named(TaskOptions().name(kText).eager_start(false));
        EXPECT_EQ(first, kText);
        const std::string second = co_await named_by_value(TaskOptions().name(kText).eager_start(false));
        EXPECT_EQ(second, kText);
    });
    EXPECT_EQ(counts.made, 2);
    EXPECT_EQ(counts.made + counts.moved, counts.gone);
}

TEST_F(ChainedSettersTest, CanBeGivenWithAFunctionAndItsArguments) {
    run([&]() -> Coro<> {
        const std::size_t sent =
            co_await create_task(send, Response(counts).text(kText).file(std::make_unique<int>(5)));
        EXPECT_EQ(sent, kText.size() + 5);
        Response kept(counts);
        kept.text(kText).file(std::make_unique<int>(6));
        const std::size_t seen = co_await look(kept);
        EXPECT_EQ(seen, kText.size());
    });
    EXPECT_EQ(counts.made, 2);
    EXPECT_EQ(counts.made + counts.moved, counts.gone);
}

}  // namespace
}  // namespace aio
