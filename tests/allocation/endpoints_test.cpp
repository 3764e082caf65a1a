// SPDX-License-Identifier: MIT
// Memory runs out: connecting to several addresses, Unix servers, servers that are drained, files that are
// sent.
#include <allocation/operation.hpp>
#include <support/fd.hpp>
#include <support/known_addresses.hpp>
#include <support/tcp.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <aio/net/resolver.hpp>
#include <aio/transport/sendfile.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

TEST(AllocationEndpoints, StaggeredConnect) {
    const Unanswering silent;
    const Socket closed = bound_socket();
    const Socket listening = bound_socket();
    listening.listen(1000);
    const auto resolver = std::make_shared<KnownAddresses>();
    resolver->names["host.test"] = {silent.address(), closed.getsockname(), listening.getsockname()};
    out_of_memory_in([resolver](Scene& scene) -> Coro<bool> {
        set_resolver(*scene.loop, resolver);
        const ConnectOptions options = ConnectOptions().happy_eyeballs_delay(1s).connect_timeout(1min);
        auto streams = co_await open_connection("host.test", 80, options);
        streams.second.close();
        co_await streams.second.wait_closed();
        co_return true;
    });
}

// Whatever comes of it, the connection has an end: nobody but the call has it.
TEST(AllocationEndpoints, StreamsOverASocket) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        SocketPair pair;
        Socket ours(std::exchange(pair.a.fd, -1));
        std::exception_ptr error;
        try {
            auto streams = co_await open_connection(std::move(ours));
            streams.second.close();
            co_await streams.second.wait_closed();
        } catch (...) {
            error = std::current_exception();
        }
        co_await sleep(0s);
        co_await sleep(0s);
        char byte = 0;
        EXPECT_EQ(::recv(pair.b.fd, &byte, 1, MSG_DONTWAIT), 0) << "the peer sees no end";
        if (error) std::rethrow_exception(error);
        co_return true;
    });
}

Coro<> answers(StreamReader reader, StreamWriter writer) {
    const Counted counted;
    const std::string line = co_await reader.readline();
    writer.write(line);
    writer.close();
}

TEST(AllocationEndpoints, UnixServerThatIsDrained) {
    const TemporaryFolder folder;
    // Not const, which would be copied into a coroutine's frame: clang 19 looks at that again after it has
    // thrown.
    std::string path = folder.file("socket");
    out_of_memory_in([path](Scene&) -> Coro<bool> {
        const Server server = co_await start_unix_server(answers, path);
        bool right = false;
        std::exception_ptr error;
        try {
            auto streams = co_await open_unix_connection(path);
            streams.second.write(long_text() + "\n");
            const std::string answer = co_await wait_for(streams.first.readline(), 1min);
            streams.second.close();
            right = answer == long_text() + "\n";
            const DrainReport report = co_await server.drain(1min, 1min);
            right = right && report.left.empty();
        } catch (const ConnectionError&) {  // the server has ended it, and tells why
        } catch (...) {
            error = std::current_exception();
        }
        server.abort_clients();
        server.close();
        co_await server.wait_closed();
        if (error) std::rethrow_exception(error);
        co_return right;
    });
}

TEST(AllocationEndpoints, Sendfile) {
    const TemporaryFile file(numbered(200'000));
    out_of_memory_in([&file](Scene&) -> Coro<bool> {
        SocketPair pair(kSmallBuffer);
        Socket ours(std::exchange(pair.a.fd, -1));
        const auto peer = std::make_shared<Fd>(std::move(pair.b));
        auto streams = co_await open_connection(std::move(ours));
        struct Close {
            StreamWriter writer;
            ~Close() { writer.transport().abort(); }
        } const close{streams.second};
        const auto received = std::make_shared<std::size_t>();  // the receiver may outlive this
        const auto receive = [received, peer]() -> Coro<> {
            for (int i = 0; i < 20'000 && *received < 200'004; ++i) {
                *received += peer->recv(10'000).size();
                co_await sleep(0s);
            }
        };
        const Task<> receiving = create_task(receive);
        streams.second.write("head");
        std::uint64_t sent = 0;
        try {
            sent = co_await wait_for(streams.second.sendfile(file.fd()), 1min);
        } catch (const TimeoutError&) {  // the receiver has failed
        }
        co_await receiving;
        co_return sent == 200'000 && *received == 200'004;
    });
}

}  // namespace
}  // namespace aio::tests
