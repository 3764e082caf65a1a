// SPDX-License-Identifier: MIT
// What connections that say nothing hold in memory.
#include <ssl/ssl_support.hpp>
#include <support/heap.hpp>

#include <aio/ssl/context_impl.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

std::set<SSL*> ends;  // of all connections that have had their handshake

void remember(const SSL* ssl, int where, int) {
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) ends.insert(const_cast<SSL*>(ssl));
}

class IdleMemory : public SslTest {
protected:
    static constexpr std::size_t kConnections = 200;

    IdleMemory() {
        ends.clear();
        for (const auto& context : {server, client}) {
            SSL_CTX_set_info_callback(context->state().ctx.get(), remember);
        }
    }
    /// A message there and back on each, one after the other.
    static Coro<> talk(std::vector<StreamPair>& connections, std::size_t size) {
        const std::string message(size, 'x');
        for (StreamPair& streams : connections) {
            streams.second.write(message);
            const std::string echoed = co_await streams.first.readexactly(size);
            EXPECT_TRUE(echoed == message);
        }
        co_await turns(3);
    }
    Coro<std::vector<StreamPair>> connections(const Server& to) {
        std::vector<StreamPair> all;
        for (std::size_t i = 0; i < kConnections; ++i) all.push_back(co_await connect(to));
        co_await talk(all, 1);
        co_return all;
    }
    Coro<> end_all(std::vector<StreamPair>& all, const Server& to) {
        for (StreamPair& streams : all) co_await end(streams);
        co_await end(to);
    }
    /// What OpenSSL's buffers take, of all of them; they are gone then.
    static std::size_t buffers_freed() {
        const std::size_t before = allocated_bytes();
        for (SSL* const ssl : ends) EXPECT_EQ(SSL_free_buffers(ssl), 1) << "something is pending";
        return before - allocated_bytes();
    }
};

TEST_F(IdleMemory, HasNoBuffersOfOpenSsl) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto all = co_await connections(listening);
        EXPECT_EQ(ends.size(), 2 * kConnections);
        EXPECT_EQ(buffers_freed(), 0U);
        co_await talk(all, 30'000);
        EXPECT_EQ(buffers_freed(), 0U);
        co_await talk(all, 1);  // they come back when they are needed
        co_await end_all(all, listening);
    });
}

TEST_F(IdleMemory, ABigMessageLeavesNothing) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto all = co_await connections(listening);
        StreamPair one = co_await connect(listening);  // with which our own pools grow
        std::vector<StreamPair> first;
        first.push_back(one);
        co_await talk(first, 200'000);
        const std::size_t before = allocated_bytes();
        co_await talk(all, 200'000);
        EXPECT_LT(allocated_bytes(), before + kConnections * 100);
        co_await end(one);
        co_await end_all(all, listening);
    });
}

}  // namespace
}  // namespace aio::tests
