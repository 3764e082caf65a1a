// SPDX-License-Identifier: MIT
// Faults of callbacks that come back to transports, on every kind of connection; docs/faults.md explains the
// numbers.
#include <support/connection_kinds.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

constexpr std::size_t kMuch = 1 << 20;

// One of several connections that write to each other from inside their callbacks.
struct Wire final : Protocol {
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void connection_lost(std::exception_ptr) override { lost = true; }
    void pause_writing() override {
        EXPECT_FALSE(std::exchange(paused, true)) << "they take turns";
        ++pauses;
        if (on_pause) on_pause();
    }
    void resume_writing() override {
        EXPECT_TRUE(std::exchange(paused, false)) << "they take turns";
        deepest = std::max(deepest, ++depth);
        if (on_resume) on_resume();
        --depth;
    }
    Ref<Transport> transport;
    bool paused = false;
    bool lost = false;
    int pauses = 0;
    std::function<void()> on_pause;
    std::function<void()> on_resume;
    inline static int depth = 0;
    inline static int deepest = 0;
};

// The far end of one: counts, and reads nothing until it is told to.
struct FarEnd final : Protocol {
    void connection_made(Transport& made) override {
        made.pause_reading();
        transport = Ref<Transport>(&made);
    }
    void data_received(BytesView data) override {
        received += data.size();
        ++calls;
        if (on_data) on_data();
    }
    void connection_lost(std::exception_ptr) override { lost = true; }
    Ref<Transport> transport;
    std::size_t received = 0;
    int calls = 0;
    bool lost = false;
    std::function<void()> on_data;
};

struct EveryTransportReentry : EveryTransport {
    std::vector<std::shared_ptr<Wire>> wires;
    std::vector<std::shared_ptr<FarEnd>> ends;

    void SetUp() override { Wire::deepest = 0; }
    // Makes connections, each filled up, so that its protocol is paused.
    Coro<> make_wires(int count, bool filled) {
        for (int i = 0; i < count; ++i) {
            wires.push_back(std::make_shared<Wire>());
            ends.push_back(std::make_shared<FarEnd>());
            co_await connect(wires.back(), ends.back());
        }
        for (const auto& wire : wires) {
            if (filled) wire->transport->write(std::string(kMuch, 'x'));
            EXPECT_EQ(wire->paused, filled);
        }
    }
    Coro<> read_until(std::function<bool()> condition) {
        for (const auto& end : ends) end->transport->resume_reading();
        co_await until(condition);
    }
    Coro<> end() {
        for (const auto& wire : wires) wire->transport->abort();
        co_await until([&] {
            return std::ranges::all_of(wires, [](const auto& wire) { return wire->lost; }) &&
                   std::ranges::all_of(ends, [](const auto& far) { return far->lost; });
        });
        wires.clear();
        ends.clear();
    }
};

// --- F20 ---------------------------------------------------------------------------------------------

TEST_P(EveryTransportReentry, F20_resuming_one_writes_to_another_and_closes_a_third) {
    run([&]() -> Coro<> {
        co_await make_wires(3, true);
        Wire& a = *wires[0];
        a.on_resume = [&] {
            wires[1]->transport->write(std::string(kMuch, 'y'));
            wires[2]->transport->close();
        };
        co_await read_until([&] {
            return ends[0]->received == kMuch && ends[1]->received == 2 * kMuch && wires[2]->lost &&
                   ends[2]->lost;
        });
        EXPECT_EQ(ends[2]->received, kMuch) << "closed, not aborted";
        EXPECT_EQ(Wire::deepest, 1);
        EXPECT_FALSE(a.paused || wires[1]->paused);
        co_await end();
    });
}

TEST_P(EveryTransportReentry, F20_a_chain_of_ten_connections) {
    run([&]() -> Coro<> {
        constexpr std::size_t kWires = 10;
        co_await make_wires(kWires, true);
        std::vector<std::size_t> written(kWires, kMuch);
        for (std::size_t i = 0; i < kWires; ++i) {
            const std::size_t next = (i + 1) % kWires;
            auto left = std::make_shared<int>(3);
            wires[i]->on_resume = [&, next, left] {
                if ((*left)-- <= 0) return;
                wires[next]->transport->write(std::string(kMuch / 4, 'y'));
                written[next] += kMuch / 4;
            };
        }
        const auto all_sent = [&] {
            return std::ranges::all_of(wires, [](const auto& wire) {
                return wire->transport->get_write_buffer_size() == 0 && !wire->paused;
            });
        };
        // What is sent is not received yet: the system has it.
        const auto all_there = [&] {
            for (std::size_t i = 0; i < kWires; ++i) {
                if (ends[i]->received < written[i]) return false;
            }
            return true;
        };
        co_await read_until([&] { return all_sent() && all_there(); });
        co_await settle();
        EXPECT_EQ(Wire::deepest, 1) << "each resumes from the loop";
        for (std::size_t i = 0; i < kWires; ++i) {
            EXPECT_GE(written[i], kMuch * 5 / 4);
            EXPECT_EQ(ends[i]->received, written[i]);
        }
        co_await end();
    });
}

TEST_P(EveryTransportReentry, F20_writing_to_oneself) {
    run([&]() -> Coro<> {
        co_await make_wires(1, false);
        Wire& wire = *wires[0];
        int pauses_left = 3;
        int resumes_left = 3;
        wire.on_pause = [&] {
            if (pauses_left-- > 0) wire.transport->write(std::string(kMuch, 'p'));
        };
        wire.on_resume = [&] {
            if (resumes_left-- > 0) wire.transport->write(std::string(kMuch, 'r'));
        };
        wire.transport->write(std::string(kMuch, 'x'));
        // The first write, one more for each pause, and one for each resume, which pauses again.
        co_await read_until([&] { return ends[0]->received == (1 + 3 + 3) * kMuch && !wire.paused; });
        EXPECT_EQ(wire.pauses, 4);
        EXPECT_EQ(Wire::deepest, 1);
        co_await end();
    });
}

TEST_P(EveryTransportReentry, F20_pausing_one_writes_to_the_next) {
    run([&]() -> Coro<> {
        co_await make_wires(10, false);
        for (std::size_t i = 0; i + 1 < wires.size(); ++i) {
            wires[i]->on_pause = [next = wires[i + 1].get()] {
                next->transport->write(std::string(kMuch, 'y'));
            };
        }
        wires[0]->transport->write(std::string(kMuch, 'x'));
        for (const auto& wire : wires) EXPECT_TRUE(wire->paused);
        co_await read_until([&] {
            return std::ranges::all_of(ends, [](const auto& far) { return far->received == kMuch; }) &&
                   std::ranges::none_of(wires, [](const auto& wire) { return wire->paused; });
        });
        co_await end();
    });
}

// --- F21 ---------------------------------------------------------------------------------------------

// Data arrives at all within one iteration; the first that hears of it aborts half of the others, in whose
// place new connections are made at once: an event of the old ones reaches neither.
TEST_P(EveryTransportReentry, F21_connections_that_end_within_one_iteration) {
    run([&]() -> Coro<> {
        constexpr std::size_t kPairs = 10;
        co_await make_wires(kPairs, false);
        std::vector<std::shared_ptr<Wire>> fresh_wires;
        std::vector<std::shared_ptr<FarEnd>> fresh;
        std::vector<Task<TransportPair>> making;
        bool struck = false;
        for (std::size_t i = 0; i < kPairs; ++i) {
            ends[i]->on_data = [&, i] {
                if (std::exchange(struck, true)) return;
                for (std::size_t other = 0; other < kPairs; ++other) {
                    if (other == i || other % 2 == i % 2) continue;
                    ends[other]->transport->abort();
                    fresh_wires.push_back(std::make_shared<Wire>());
                    fresh.push_back(std::make_shared<FarEnd>());
                    making.push_back(create_task(connect(fresh_wires.back(), fresh.back())));
                }
            };
        }
        for (const auto& far : ends) far->transport->resume_reading();
        for (const auto& wire : wires) wire->transport->write("x");
        co_await settle();
        EXPECT_EQ(fresh.size(), kPairs / 2);
        std::size_t survivors = 0;
        for (const auto& far : ends) {
            EXPECT_EQ(far->calls, far->lost ? 0 : 1);
            survivors += far->lost ? 0 : 1;
        }
        EXPECT_EQ(survivors, kPairs / 2);
        for (const Task<TransportPair>& task : making) co_await task;
        for (const auto& far : fresh) far->transport->resume_reading();
        co_await settle();
        for (const auto& far : fresh) EXPECT_TRUE(far->calls == 0 && !far->lost);
        for (const auto& wire : fresh_wires) wire->transport->write("y");
        co_await until(
            [&] { return std::ranges::all_of(fresh, [](const auto& far) { return far->calls == 1; }); });
        for (const auto& wire : fresh_wires) wire->transport->abort();
        co_await end();
    });
}

// --- F22 ---------------------------------------------------------------------------------------------

/// Checks that the bytes come in order and only while it reads; pauses and resumes in its callbacks.
struct Fickle final : BufferedProtocol {
    explicit Fickle(unsigned seed) : random(seed) {}
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    std::span<char> get_buffer(std::size_t) override {
        EXPECT_TRUE(transport->is_reading());
        ++reads;
        return memory;
    }
    void buffer_updated(std::size_t count) override {
        EXPECT_TRUE(transport->is_reading());
        ++chunks;
        for (std::size_t i = 0; i < count; ++i)
            in_order = in_order && memory[i] == static_cast<char>(received++);
        toggle();
    }
    bool eof_received() override {
        ++ends;
        transport->resume_reading();
        toggle();
        transport->resume_reading();
        return true;
    }
    void connection_lost(std::exception_ptr) override { lost = true; }
    void toggle() {
        for (int i = 0; i < toggles; ++i)
            random() % 2 ? transport->pause_reading() : transport->resume_reading();
    }

    std::array<char, 16 * 1024> memory{};
    std::minstd_rand random;
    Ref<Transport> transport;
    std::size_t received = 0;
    std::size_t reads = 0;
    std::size_t chunks = 0;
    int toggles = 16;
    int ends = 0;
    bool in_order = true;
    bool lost = false;
};

std::string counting_bytes(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i);
    return text;
}

TEST_P(EveryTransportReentry, F22_reading_is_paused_and_resumed_at_random) {
    run([&]() -> Coro<> {
        for (unsigned seed = 1; seed <= 4; ++seed) {
            const std::size_t total = part_of(kSanitized ? kMuch : 4 * kMuch) + seed * 1001;
            const auto reader = std::make_shared<Fickle>(seed);
            const auto writer = std::make_shared<Wire>();
            const TransportPair connection = co_await connect(reader, writer);
            connection.second->write(counting_bytes(total));
            end_writing(*connection.second);
            std::size_t resumes = 0;
            while (reader->ends == 0) {
                co_await sleep(100us);
                if (!reader->transport->is_reading() && reader->random() % 4 == 0) {
                    reader->transport->resume_reading();
                    ++resumes;
                }
            }
            co_await settle();
            EXPECT_EQ(reader->received, total);
            EXPECT_TRUE(reader->in_order);
            EXPECT_EQ(reader->ends, 1);
            EXPECT_GT(resumes, 0U);
            connection.first->abort();
            co_await until([&] { return reader->lost && writer->lost; });
            reader->transport = writer->transport = nullptr;
        }
    });
}

// While reading is paused and data waits, the loop has nothing to do.
TEST_P(EveryTransportReentry, F22_paused_with_data_pending_does_not_spin) {
    run([&]() -> Coro<> {
        const auto reader = std::make_shared<Fickle>(1);
        reader->toggles = 0;
        const auto writer = std::make_shared<Wire>();
        const TransportPair connection = co_await connect(reader, writer);
        co_await settle();
        connection.first->pause_reading();
        reader->reads = 0;  // TLS may have found messages of its own
        connection.second->write(counting_bytes(1000));
        end_writing(*connection.second);
        co_await settle();
        for (int i = 0; i < 100; ++i) {
            connection.first->resume_reading();
            connection.first->pause_reading();
        }
        co_await turns(5);
        const auto before = loop().stats().iterations;
        co_await sleep(1h);
        EXPECT_LE(loop().stats().iterations - before, 5U);
        EXPECT_EQ(reader->reads, 0U);
        connection.first->resume_reading();
        co_await until([&] { return reader->ends == 1; });
        EXPECT_EQ(reader->received, 1000U);
        EXPECT_TRUE(reader->in_order);
        EXPECT_LE(reader->reads, 2U) << "the data, and where the end has to be read, that";
        connection.first->abort();
        co_await until([&] { return reader->lost && writer->lost; });
        reader->transport = writer->transport = nullptr;
    });
}

INSTANTIATE_TEST_SUITE_P(, EveryTransportReentry, ::testing::ValuesIn(connection_kinds()), name_of_kind);

}  // namespace
}  // namespace aio::tests
