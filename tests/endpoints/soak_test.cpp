// SPDX-License-Identifier: MIT
// A thousand connections that echo, and everything that goes wrong with connections on the way.

#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <aio/aio.hpp>
#include <aio/base/log.hpp>
#include <aio/base/pool.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using aio::Coro;
using aio::tests::kSanitized;
using aio::tests::kSlow;
using aio::tests::part_of;

// A million messages; a slow build needs five minutes for so many.
constexpr int kClients = 1000;
const int messages_each = static_cast<int>(part_of(kSlow ? 200 : 1000));

struct Counts {
    long echoed = 0;
    long connections = 0;
    long cancelled = 0;
    long broken = 0;
};

Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        for (;;) {
            std::string data = co_await reader.read(65536);
            if (data.empty()) break;
            writer.write(std::move(data));
            co_await writer.drain();
        }
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

// Everything one client does; it goes on until all its messages have come back.
class Client {
public:
    Client(int number, int port, Counts& counts)
        : random_(static_cast<unsigned>(number)), port_(port), counts_(counts) {}

    Coro<> run(int messages) {
        left_ = messages;
        while (left_ > 0) {
            bool again = false;
            try {
                co_await connection();
            } catch (const aio::CancelledError&) {
                again = true;
            } catch (const aio::ConnectionError&) {
                ++counts_.broken;
            }
            if (again) {
                ++counts_.cancelled;
                aio::current_task().uncancel();
            }
        }
    }

private:
    // One connection, until it has served its purpose or something happens to it.
    Coro<> connection() {
        auto [reader, writer] = co_await aio::open_connection("127.0.0.1", port_);
        ++counts_.connections;
        const int planned = pick(1, 400);
        try {
            for (int i = 0; i < planned && left_ > 0; ++i) {
                const std::string sent(static_cast<std::size_t>(pick(1, 2000)),
                                       static_cast<char>(pick('a', 'z')));
                writer.write(sent);
                co_await writer.drain();
                const std::string received = co_await reader.readexactly(static_cast<long>(sent.size()));
                if (received != sent) throw aio::RuntimeError("the echo differs");
                ++counts_.echoed;
                --left_;
            }
        } catch (...) {  // cancelled in mid-message, most of all
            writer.transport().abort();
            throw;
        }
        co_await part(reader, writer);
    }

    Coro<> part(aio::StreamReader reader, aio::StreamWriter writer) {
        switch (pick(0, 3)) {
            case 0:  // in order
                writer.close();
                co_await writer.wait_closed();
                break;
            case 1:  // half-close: the server answers with the end of its side
                writer.write_eof();
                EXPECT_EQ(co_await reader.read(-1), "");
                writer.close();
                break;
            case 2:  // reset, with something in flight
                writer.write("unread");
                writer.transport().abort();
                break;
            default:  // vanish: the last handle goes without a word
                break;
        }
    }

    int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

    std::mt19937 random_;
    int port_;
    Counts& counts_;
    int left_ = 0;
};

Coro<> run_client(int number, int port, int messages, Counts* counts) {
    Client client(number, port, *counts);
    co_await client.run(messages);
}

// Cancels somebody every now and then.
Coro<> disturb(std::vector<aio::Task<>>* clients, unsigned seed) {
    std::mt19937 random(seed);
    for (;;) {
        co_await aio::sleep(1ms);
        const auto victim = random() % clients->size();
        (*clients)[victim].cancel();
    }
}

struct Leftover {
    std::size_t tasks;
    std::size_t timers;
    unsigned watched;
    long open_files;
    std::int64_t pool_blocks;
};

long open_files() {
    long count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

Leftover take_stock() {
    const aio::EventLoop::Stats stats = aio::get_running_loop().stats();
    return {stats.tasks, stats.timers, stats.descriptors, open_files(), aio::pool::stats().live_blocks};
}

Coro<> round(int messages, Counts* counts) {
    aio::Server server = co_await aio::start_server(serve, "127.0.0.1", 0);
    const int port = server.sockets()[0].getsockname().port();
    std::vector<aio::Task<>> clients;
    for (int i = 0; i < kClients; ++i)
        clients.push_back(aio::create_task(run_client(i, port, messages, counts)));
    aio::Task<> trouble = aio::create_task(disturb(&clients, 1));
    co_await aio::gather(clients);
    trouble.cancel();
    server.close();
    co_await server.wait_closed();
}

// Bytes taken from malloc, without the chunks that the pool keeps: what of those is in use is counted apart.
long heap_in_use() {
    return static_cast<long>(::mallinfo2().uordblks) - static_cast<long>(aio::pool::stats().reserved_bytes);
}

// What ended in the last round's last iteration needs some more to be taken down, and connections whose end
// is still on its way need what the machine takes to bring it: what is left after ten seconds is left.
Coro<Leftover> settle() {
    const auto stats = [] { return aio::get_running_loop().stats(); };
    const auto end = aio::get_running_loop().time() + 10s;
    while ((stats().descriptors > 0 || stats().tasks > 1) && aio::get_running_loop().time() < end) {
        co_await aio::sleep(1ms);
    }
    for (int i = 0; i < 20; ++i) co_await aio::sleep(1ms);
    co_return take_stock();
}

TEST(Soak, AThousandConnectionsLeaveNothingBehind) {
    auto quiet =
        aio::set_log_handler([](aio::LogLevel, std::string_view) {});  // vanished writers are reported
    Counts counts;
    aio::run([](Counts* all) -> Coro<> {
        co_await round(5, all);  // warms up pools, tables and buffers
        const Leftover before = co_await settle();
        const long heap_before = heap_in_use();
        co_await round(messages_each, all);
        const Leftover after = co_await settle();
        const long heap_after = heap_in_use();
        EXPECT_EQ(after.tasks, before.tasks);
        EXPECT_EQ(after.timers, before.timers);
        EXPECT_EQ(after.watched, before.watched);
        EXPECT_EQ(after.open_files, before.open_files);
        EXPECT_EQ(after.pool_blocks, before.pool_blocks);
        if (!kSanitized) {
            // The rings and tables may have grown once more; a byte lost for each of a million messages would
            // be more.
            EXPECT_LT(heap_after - heap_before, 256 * 1024);
        }
    }(&counts));
    aio::set_log_handler(std::move(quiet));
    EXPECT_EQ(counts.echoed, long{kClients} * (messages_each + 5));
    EXPECT_GT(counts.cancelled, 0);
    EXPECT_GT(counts.connections, kClients);
}

}  // namespace
