// SPDX-License-Identifier: MIT
// Waiting on descriptors, cancelled at every point: no byte is lost, and no registration left.
#include <net/net_support.hpp>
#include <support/inject.hpp>

#include <aio/transport/async_fd.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// What the peer sent is read by the subject or still there.
struct Receives : Scenario {
    Socket ours;
    Socket peer;
    std::string taken;
    std::string left;
    std::vector<const char*> pieces{"one", "two", "three"};

    Coro<> prepare() override {
        std::tie(ours, peer) = socket_pair();
        co_return;
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
        left = read_all(ours.fileno());
        co_return;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(taken + left, "onetwothree");
    }
};

struct WaitsForReadable : Receives {
    Coro<> subject() override {
        const AsyncFd fd(ours.fileno());
        std::array<char, 4> piece{};
        for (;;) {
            const FdReady ready = co_await fd.readable();
            const auto count = ready.try_io(::read, fd.fileno(), piece.data(), piece.size());
            if (!count) continue;
            if (*count == 0) break;
            taken.append(piece.data(), static_cast<std::size_t>(*count));
        }
    }
};
TEST(DescriptorsInjection, Readable) { inject<WaitsForReadable>(25); }

// The same, with a limit that never passes and somebody who waits beside it.
struct WaitsWithALimit : WaitsForReadable {
    std::optional<AsyncFd> fd;
    Coro<> prepare() override {
        co_await WaitsForReadable::prepare();
        fd.emplace(ours.fileno());
    }
    Coro<> subject() override {
        std::array<char, 4> piece{};
        for (;;) {
            const FdReady ready = co_await fd->readable(1h);
            const auto count = ready.try_io(::read, fd->fileno(), piece.data(), piece.size());
            if (!count) continue;
            if (*count == 0) break;
            taken.append(piece.data(), static_cast<std::size_t>(*count));
        }
    }
    Coro<> others() override {
        const auto beside = [&]() -> Coro<> { co_await fd->priority(1h); };  // woken at the end
        const Task<> waits = create_task(beside);
        co_await WaitsForReadable::others();
        co_await waits;
    }
    Coro<> finish() override {
        fd.reset();
        co_await WaitsForReadable::finish();
    }
};
TEST(DescriptorsInjection, ReadableWithALimit) { inject<WaitsWithALimit>(25); }

}  // namespace
}  // namespace aio::tests
