// SPDX-License-Identifier: MIT
// Faults of callbacks that come back to transports, where a test counts reads (see
// every_transport_reentry_test.cpp); docs/faults.md explains the numbers.
#include <aio/net/socket_transport.hpp>

#include <net/socket_transport_support.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <poll.h>
#include <algorithm>
#include <random>
#include <vector>

namespace aio::tests {
namespace {

constexpr std::size_t kMebibyte = 1 << 20;

class ReentryFaults : public ::testing::Test, public aio::testing::LoopTest {
protected:
    void TearDown() override { finish(); }
};

/// Checks that the bytes come in order, and counts the reads: get_buffer() is called before each.
struct Toggling final : BufferedProtocol {
    explicit Toggling(unsigned seed) : random(seed) {}
    std::span<char> get_buffer(std::size_t) override {
        ++reads;
        return memory;
    }
    void buffer_updated(std::size_t count) override {
        ++chunks;
        for (std::size_t i = 0; i < count; ++i)
            in_order = in_order && memory[i] == static_cast<char>(received++);
        toggle(toggles_per_chunk);
    }
    bool eof_received() override {
        ++ends;
        transport->resume_reading();
        toggle(toggles_per_chunk);
        transport->resume_reading();
        return true;
    }
    void connection_lost(std::exception_ptr) override { lost = true; }
    void toggle(int count) {
        for (int i = 0; i < count; ++i) {
            random() % 2 ? transport->pause_reading() : transport->resume_reading();
            ++toggles;
        }
    }

    std::array<char, 16 * 1024> memory{};
    std::minstd_rand random;
    Ref<Transport> transport;
    std::size_t received = 0;
    std::size_t reads = 0;
    std::size_t chunks = 0;
    int toggles_per_chunk = 16;
    int toggles = 0;
    int ends = 0;
    bool in_order = true;
    bool lost = false;
};

// Sends what the kernel takes of the `total` bytes of which `sent` are sent.
void send_some(int fd, std::size_t& sent, std::size_t total) {
    std::array<char, 8192> block{};
    while (sent < total) {
        const std::size_t size = std::min(block.size(), total - sent);
        for (std::size_t i = 0; i < size; ++i) block[i] = static_cast<char>(sent + i);
        const ssize_t count = ::send(fd, block.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

TEST_F(ReentryFaults, F22_reading_is_paused_and_resumed_at_random) {
    const std::size_t whole = part_of(kSanitized ? 4 * kMebibyte : 100 * kMebibyte);
    run([&]() -> Coro<> {
        for (unsigned seed = 1; seed <= 4; ++seed) {
            const std::size_t total = whole / 4 + seed * 1001;  // a half-close at another place each time
            auto [ours, theirs] = tcp_pair(64 * 1024);
            const auto protocol = std::make_shared<Toggling>(seed);
            protocol->transport = make_socket_transport(loop(), std::move(ours), protocol);
            Transport& transport = *protocol->transport;
            std::size_t sent = 0;
            std::size_t resumes = 0;
            bool ended = false;
            while (protocol->ends == 0) {
                send_some(theirs.fileno(), sent, total);
                if (sent == total && !std::exchange(ended, true)) ::shutdown(theirs.fileno(), SHUT_WR);
                co_await sleep(0s);
                if (!transport.is_reading() && protocol->random() % 4 == 0) {
                    transport.resume_reading();
                    ++resumes;
                }
            }
            co_await settle_for_real(2ms);
            EXPECT_EQ(protocol->received, total);
            EXPECT_TRUE(protocol->in_order);
            EXPECT_EQ(protocol->ends, 1);
            // A read that filled the buffer and took the last byte is followed by one that finds nothing, and
            // so is the last one, if a read has to tell of the end.
            EXPECT_LE(protocol->reads - protocol->chunks, protocol->chunks / 8 + 3)
                << "of " << protocol->chunks;
            EXPECT_GT(protocol->toggles, 1000);
            EXPECT_GT(resumes, 0U);
            transport.abort();
            co_await until([&] { return protocol->lost; });
            protocol->transport = nullptr;
        }
    });
}

// While reading is paused and data waits, the loop has nothing to do.
TEST_F(ReentryFaults, F22_paused_with_data_pending_does_not_spin) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair();
        const auto protocol = std::make_shared<Toggling>(1);
        protocol->toggles_per_chunk = 0;
        protocol->transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await sleep(0s);
        protocol->transport->pause_reading();
        std::size_t sent = 0;
        send_some(theirs.fileno(), sent, 1000);
        ::shutdown(theirs.fileno(), SHUT_WR);
        while (loop().poller().poll(10ms) > 0) {
        }
        for (int i = 0; i < 100; ++i) {
            protocol->transport->resume_reading();
            protocol->transport->pause_reading();
        }
        EXPECT_EQ(loop().poller().poll(Duration::zero()), 0);
        co_await settle_for_real(2ms);
        EXPECT_EQ(protocol->reads, 0U);
        protocol->transport->resume_reading();
        co_await until([&] { return protocol->ends == 1; });
        EXPECT_EQ(protocol->received, 1000U);
        EXPECT_LE(protocol->reads, 2U) << "the data, and perhaps the end";
        protocol->transport->abort();
        co_await until([&] { return protocol->lost; });
        protocol->transport = nullptr;
    });
}

}  // namespace
}  // namespace aio::tests
