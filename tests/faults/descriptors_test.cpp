// SPDX-License-Identifier: MIT
// Faults of descriptors whose number is given out again; docs/faults.md explains the numbers.
#include <net/socket_transport_support.hpp>
#include <support/fd.hpp>

#include <aio/net/sock.hpp>
#include <aio/net/socket_transport.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

constexpr std::size_t kPairs = 200;

class DescriptorFaults : public ::testing::Test, public aio::testing::LoopTest {
protected:
    struct Watched {
        SocketPair pair;
        int calls = 0;
        bool closed = false;
    };

    // Makes a socket pair and watches one end of it.
    std::unique_ptr<Watched> watch(std::function<void()> and_then) {
        auto watched = std::make_unique<Watched>();
        // The other end is out of the way, so that numbers are used again by ends that are watched.
        watched->pair.b = Fd(::fcntl(watched->pair.b.fd, F_DUPFD_CLOEXEC, 600));
        loop().add_reader(watched->pair.a.fd, [w = watched.get(), and_then = std::move(and_then)] {
            ++w->calls;
            EXPECT_FALSE(w->closed);
            EXPECT_FALSE(w->pair.a.recv().empty()) << "a callback for something that is not there";
            if (and_then) and_then();
        });
        return watched;
    }
    static void close(Watched& watched) {
        watched.pair.a.close();
        watched.closed = true;
    }
    // Closes the listed ones, and watches as many new ones, which get their numbers.
    std::vector<std::unique_ptr<Watched>> replace(const std::vector<Watched*>& old, bool remove_first) {
        std::vector<int> numbers;
        for (Watched* const each : old) {
            numbers.push_back(each->pair.a.fd);
            if (remove_first) {
                EXPECT_TRUE(loop().remove_reader(each->pair.a.fd));
            }
            close(*each);
        }
        std::vector<std::unique_ptr<Watched>> fresh;
        for (std::size_t i = 0; i < old.size(); ++i) fresh.push_back(watch(nullptr));
        for (const auto& each : fresh) {
            EXPECT_NE(std::find(numbers.begin(), numbers.end(), each->pair.a.fd), numbers.end());
        }
        return fresh;
    }

    enum class How { removed_first, not_removed, copied };

    // The first callback of many that are ready closes half of the others.
    void close_half_in_a_callback(How how) {
        std::vector<std::unique_ptr<Watched>> old;
        std::vector<std::unique_ptr<Watched>> fresh;
        std::vector<Fd> copies;
        const auto first_closes_half = [&] {
            if (!fresh.empty()) return;
            std::vector<Watched*> half;
            for (const auto& each : old) {
                if (each->calls == 0 && half.size() < kPairs / 2) half.push_back(each.get());
            }
            for (Watched* const each : half) {
                if (how == How::copied) copies.emplace_back(::dup(each->pair.a.fd));
            }
            fresh = replace(half, how == How::removed_first);
        };
        run([&]() -> Coro<> {
            for (std::size_t i = 0; i < kPairs; ++i) old.push_back(watch(first_closes_half));
            for (const auto& each : old) each->pair.b.send("x");
            for (int i = 0; i < 10; ++i) co_await sleep(0s);
            for (const auto& each : fresh) EXPECT_EQ(each->calls, 0);
            for (const auto& each : old) EXPECT_EQ(each->calls, each->closed ? 0 : 1);
            // What happens to the old files is none of the new ones' business.
            for (const auto& each : old) each->pair.b.close();
            for (const auto& each : old) {
                if (!each->closed) loop().remove_reader(each->pair.a.fd);
            }
            for (int i = 0; i < 10; ++i) co_await sleep(0s);
            for (const auto& each : fresh) EXPECT_EQ(each->calls, 0);
            EXPECT_EQ(loop().poller().poll(Duration::zero()), 0) << "the loop can sleep";
            for (const auto& each : fresh) each->pair.b.send("y");
            for (int i = 0; i < 10; ++i) co_await sleep(0s);
            for (const auto& each : fresh) {
                EXPECT_EQ(each->calls, 1);
                loop().remove_reader(each->pair.a.fd);
            }
            EXPECT_EQ(loop().stats().descriptors,
                      how == How::removed_first ? 0U : loop().stats().descriptors);
        });
    }
};

TEST_F(DescriptorFaults, F21_numbers_used_again_within_one_poll) {
    close_half_in_a_callback(How::removed_first);
}

// A program that forgets remove_reader(): the new add_reader() takes the number over.
TEST_F(DescriptorFaults, F21_numbers_that_were_not_removed) { close_half_in_a_callback(How::not_removed); }

// The same with copies of the old files, so that the kernel goes on telling of them under the old number.
TEST_F(DescriptorFaults, F21_numbers_of_files_that_live_on) { close_half_in_a_callback(How::copied); }

// With transports, whose numbers are free once connection_lost() has returned.
TEST_F(DescriptorFaults, F21_transports_that_end_within_one_poll) {
    run([&]() -> Coro<> {
        Trace print;
        struct Ended final : Protocol {
            void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
            void data_received(BytesView) override {
                ++calls;
                EXPECT_FALSE(aborted);
                if (on_data) on_data();
            }
            void connection_lost(std::exception_ptr) override {
                lost = true;
                transport = nullptr;
                if (on_lost) on_lost();
            }
            Ref<Transport> transport;
            std::function<void()> on_data;
            std::function<void()> on_lost;
            int calls = 0;
            bool aborted = false;
            bool lost = false;
        };
        std::vector<std::shared_ptr<Ended>> old;
        std::vector<std::shared_ptr<Ended>> fresh;
        std::vector<Socket> peers;
        const auto make = [&](std::vector<std::shared_ptr<Ended>>& list) {
            auto [ours, theirs] = socket_pair();
            peers.push_back(std::move(theirs));
            list.push_back(std::make_shared<Ended>());
            make_socket_transport(loop(), std::move(ours), list.back());
        };
        for (std::size_t i = 0; i < kPairs; ++i) make(old);
        co_await sleep(0s);
        for (const auto& each : old) {
            each->on_data = [&, first = each.get()] {
                if (std::any_of(old.begin(), old.end(), [](const auto& other) { return other->aborted; }))
                    return;
                int left = kPairs / 2;
                for (const auto& other : old) {
                    if (other.get() == first || left-- <= 0) continue;
                    other->aborted = true;
                    other->on_lost = [&] { make(fresh); };
                    other->transport->abort();
                }
            };
        }
        for (std::size_t i = 0; i < kPairs; ++i) write_text(peers[i].fileno(), "x");
        co_await until([&] {
            return fresh.size() == kPairs / 2 && std::all_of(old.begin(), old.end(), [](const auto& each) {
                       return each->aborted || each->calls > 0;
                   });
        });
        co_await settle_for_real(2ms);
        for (const auto& each : old)
            EXPECT_TRUE(each->aborted ? each->lost : each->calls == 1 && !each->lost);
        for (const auto& each : fresh) EXPECT_TRUE(each->calls == 0 && !each->lost);
        for (std::size_t i = 0; i < kPairs; ++i) peers[i].close();
        co_await settle_for_real(2ms);
        for (const auto& each : fresh) EXPECT_TRUE(each->calls == 0 && !each->lost);
        for (std::size_t i = kPairs; i < peers.size(); ++i) write_text(peers[i].fileno(), "y");
        co_await until([&] {
            return std::all_of(fresh.begin(), fresh.end(), [](const auto& each) { return each->calls == 1; });
        });
        for (const auto& each : fresh) each->transport->abort();
        co_await until([&] { return loop().stats().descriptors == 0; });
    });
    EXPECT_TRUE(reports().empty());
}

// --- F19 ------------------------------------------------------------------------------------------

class SockFaults : public ::testing::Test, public aio::testing::LoopTest {
protected:
    static constexpr int kRounds = 1000;
    std::pair<Socket, Socket> ends = socket_pair(64 * 1024);
    const Socket& ours = ends.first;
    const Socket& peer = ends.second;
    std::string memory = std::string(10, '\0');

    Coro<std::string> receive(int kind) {
        if (kind == 0) co_return co_await sock_recv(ours, 10);
        if (kind == 1) {
            const std::size_t count = co_await sock_recv_into(ours, memory);
            co_return memory.substr(0, count);
        }
        if (kind == 2) {
            auto packet = co_await sock_recvfrom(ours, 10);
            co_return packet.first;
        }
        const auto packet = co_await sock_recvfrom_into(ours, memory);
        co_return memory.substr(0, packet.first);
    }
    Coro<std::string> send(int kind) {
        if (kind % 2 == 0) {
            co_await sock_sendall(ours, "sent");
        } else {
            co_await sock_sendto(ours, "sent", SocketAddress());
        }
        co_return "sent";
    }
    // Eagerly: before the one that was cancelled has cleaned up.
    static Task<std::string> start(Coro<std::string> call) {
        return create_task(TaskOptions().eager_start(true), std::move(call));
    }
};

TEST_F(SockFaults, F19_a_call_right_after_a_cancelled_one) {
    run([&]() -> Coro<> {
        for (int round = 0; round < kRounds; ++round) {
            const bool sends = round % 3 != 0;  // both directions at once
            if (sends) Fd(::dup(ours.fileno())).fill();
            Task<std::string> receiving = start(receive(round % 4));
            Task<std::string> sending = start(sends ? send(round) : receive(0));
            EXPECT_FALSE(receiving.done() || sending.done());
            if (round % 2 == 0) co_await sleep(0s);
            receiving.cancel();
            sending.cancel();
            const Task<std::string> next = start(receive(round / 4 % 4));
            const Task<std::string> other = sends ? start(send(round)) : next;
            write_text(peer.fileno(), "x");
            if (sends) {
                EXPECT_GT(read_all(peer.fileno()).size(), 0U);
            }
            const std::string text = co_await next;
            EXPECT_EQ(text, "x");
            co_await other;
            EXPECT_TRUE(receiving.cancelled() && sending.cancelled());
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    });
}

}  // namespace
}  // namespace aio::tests
