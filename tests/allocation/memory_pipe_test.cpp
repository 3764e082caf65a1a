// SPDX-License-Identifier: MIT
// Memory runs out: connections in memory, in whichever way they carry.
#include <allocation/operation.hpp>

#include <aio/testing/memory_pipe.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using testing::MemoryPipe;
using testing::MemoryPipeOptions;
using PipeEnd = MemoryPipe::End;

const std::array<MemoryPipeOptions, 4> kCarriers{MemoryPipeOptions(), MemoryPipeOptions().latency(1s),
                                                 MemoryPipeOptions().chunk_size(7).capacity(20),
                                                 MemoryPipeOptions().latency(1s).chunk_size(9).capacity(50)};

// Sends the other end's bytes back, and its end of file.
struct PipeEcho final : Protocol {
    PipeEcho(Scene& told, bool echoes) : scene(told), echo(echoes) {}
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView data) override {
        if (echo) {
            transport->write(data);
        } else {
            received += data.text();
        }
    }
    bool eof_received() override {
        ended = true;
        return !echo;
    }
    void connection_lost(std::exception_ptr error) override {
        transport = nullptr;
        lost = true;
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const std::bad_alloc&) {
            scene.told = true;
        } catch (const ConnectionError&) {
        }
    }
    Scene& scene;
    Ref<Transport> transport;
    std::string received;
    bool echo;
    bool ended = false;
    bool lost = false;
    Counted counted;
};

template <class F>
Coro<> until(F done) {
    for (int i = 0; i < 1000 && !done(); ++i) co_await sleep(100ms);
    EXPECT_TRUE(done()) << detail::running_case;
}

TEST(AllocationMemoryPipe, Protocols) {
    for (const MemoryPipeOptions& carrier : kCarriers) {
        out_of_memory_in([&carrier](Scene& scene) -> Coro<bool> {
            const MemoryPipe pipe(carrier);
            const auto client = std::make_shared<PipeEcho>(scene, false);
            const auto server = std::make_shared<PipeEcho>(scene, true);
            struct Abort {
                ~Abort() {
                    if (protocol->transport) protocol->transport->abort();
                }
                std::shared_ptr<PipeEcho> protocol;
            };
            const auto first = pipe.make_transport(*scene.loop, PipeEnd::first, client);
            const Abort abort_first{client};
            const auto second = pipe.make_transport(*scene.loop, PipeEnd::second, server);
            const Abort abort_second{server};
            co_await sleep(0s);
            first->write(long_text());
            first->write(long_text());
            first->write_eof();
            co_await until([&] { return (client->lost || client->ended) && server->lost; });
            first->close();
            co_await until([&] { return client->lost; });
            co_return client->received == long_text() + long_text();
        });
    }
}

// Without memory a connection ends: whoever waits for either end hears of it.
Coro<bool> converse(const MemoryPipeOptions& carrier) {
    auto connection = co_await testing::open_memory_connection(MemoryPipe(carrier));
    auto& [client, server] = connection;
    client.second.write(long_text() + "\n");
    co_await client.second.drain();
    const std::string question = co_await server.first.readline();
    server.second.write(question);
    server.second.write_eof();
    const std::string answer = co_await client.first.read();
    client.second.close();
    co_await client.second.wait_closed();
    server.second.close();
    co_await server.second.wait_closed();
    co_return question == answer&& answer == long_text() + "\n";
}

TEST(AllocationMemoryPipe, Streams) {
    for (const MemoryPipeOptions& carrier : kCarriers) {
        out_of_memory_in([&carrier](Scene&) -> Coro<bool> {
            bool right = false;
            try {
                right = co_await converse(carrier);
            } catch (const ConnectionError&) {  // it is the other end that was told why
            }
            co_return right;
        });
    }
}

// What a script does to it needs no memory of its own.
TEST(AllocationMemoryPipe, Scripts) {
    for (const MemoryPipeOptions& carrier : kCarriers) {
        out_of_memory_in([&carrier](Scene& scene) -> Coro<bool> {
            const MemoryPipe pipe(carrier);
            const auto client = std::make_shared<PipeEcho>(scene, false);
            const auto server = std::make_shared<PipeEcho>(scene, false);
            const auto first = pipe.make_transport(*scene.loop, PipeEnd::first, client);
            const auto second = pipe.make_transport(*scene.loop, PipeEnd::second, server);
            co_await sleep(0s);
            pipe.hold();
            first->write(long_text());
            co_await sleep(2s);
            pipe.set_options(MemoryPipeOptions().latency(3s));
            pipe.release();
            pipe.shut_down(PipeEnd::second);
            co_await sleep(9s);
            pipe.lose();
            const auto learned = [](const PipeEcho& end) { return end.lost || end.ended; };
            co_await until([&] { return learned(*client) && learned(*server); });
            first->abort();
            second->abort();
            co_await until([&] { return client->lost && server->lost; });
            co_return server->received == long_text() && client->ended;
        });
    }
}

}  // namespace
}  // namespace aio::tests
