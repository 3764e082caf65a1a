// SPDX-License-Identifier: MIT
// Faults of writing and closing on every kind of connection; docs/faults.md explains the numbers.
#include <streams/streams_support.hpp>
#include <support/connection_kinds.hpp>
#include <support/part_of.hpp>

#include <gtest/gtest.h>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

// Bytes of which each place can be told from the others.
std::string distinct_bytes(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return text;
}

// --- F12 ---------------------------------------------------------------------------------------------

constexpr int kMostWrites = 10'000;

// How many writes of `size` bytes with drain() succeed until the error, while nothing else is awaited.
Coro<int> writes_to_the_end(StreamWriter writer, std::size_t size) {
    const std::string data(size, 'x');
    for (int writes = 0; writes < kMostWrites; ++writes) {
        writer.write(data);
        try {
            co_await writer.drain();
        } catch (const OSError&) {
            co_return writes;
        }
    }
    co_return kMostWrites;
}

TEST_P(EveryTransport, F12_small_and_large_writes_to_a_dead_peer) {
    run([&]() -> Coro<> {
        for (const std::size_t size : {std::size_t{100}, kMegabyte}) {
            for (const int way : {0, 1, 2, 3}) {
                const bool unread = way & 1;
                const bool gathers = way & 2;
                SCOPED_TRACE(std::to_string(size) + (unread ? " reset" : " closed") +
                             (gathers ? " gathering" : ""));
                auto connection = co_await connect_streams();
                auto& [ours, theirs] = connection;
                ours.second.transport().set_gather_writes(gathers);
                if (unread) {
                    theirs.second.transport().pause_reading();
                    ours.second.write("unread");
                    co_await settle();
                }
                theirs.second.transport().abort();
                co_await settle();
                // The loop is one step, of which the channel hears after 64 KiB.
                const std::size_t writes = gathers && size < 64 * 1024 ? 5 * 64 * 1024 / size : 5;
                EXPECT_LE(co_await writes_to_the_end(ours.second, size), static_cast<int>(writes));
                bool again = false;
                try {
                    co_await ours.second.drain();
                } catch (const OSError&) {
                    again = true;
                }
                EXPECT_TRUE(again) << "and it stays lost";
            }
        }
    });
}

TEST_P(EveryTransport, F12_death_while_drain_waits) {
    run([&]() -> Coro<> {
        auto connection = co_await connect_streams();
        auto& [ours, theirs] = connection;
        const Task<int> writing = create_task(writes_to_the_end(ours.second, kMegabyte));
        co_await settle();
        EXPECT_FALSE(writing.done());
        theirs.second.transport().abort();
        EXPECT_LE(co_await writing, 1);
    });
}

// --- F13 ---------------------------------------------------------------------------------------------

Coro<> write_and_drain(StreamWriter writer) {
    writer.write(std::string(kMegabyte, 'x'));
    co_await writer.drain();
}

TEST_P(EveryTransport, F13_three_tasks_drain_one_writer) {
    run([&]() -> Coro<> {
        for (const bool dies : {false, true}) {
            auto connection = co_await connect_streams();
            auto& [ours, theirs] = connection;
            auto first = create_task(write_and_drain(ours.second));
            auto second = create_task(write_and_drain(ours.second));
            auto third = create_task(write_and_drain(ours.second));
            co_await turns(5);
            EXPECT_FALSE(first.done() || second.done() || third.done());
            second.cancel();
            co_await turns(2);
            EXPECT_TRUE(second.cancelled());
            EXPECT_FALSE(first.done() || third.done());
            if (dies) {
                theirs.second.transport().abort();
            } else {
                const std::string all = co_await theirs.first.readexactly(3 * kMegabyte);
            }
            co_await ended(first, third);
            EXPECT_EQ(first.exception() != nullptr, dies);
            EXPECT_EQ(third.exception() != nullptr, dies);
        }
    });
}

// --- F14 ---------------------------------------------------------------------------------------------

TEST_P(EveryTransport, F14_writelines_sends_every_piece) {
    std::vector<std::string> pieces(part_of(300), distinct_bytes(6500));
    pieces.insert(pieces.begin() + 10, 2000, "");  // more than a gathering call takes
    for (int i = 0; i < 2000; ++i) pieces.push_back(std::to_string(i));
    pieces.push_back(distinct_bytes(kMegabyte));
    pieces.push_back("");
    pieces.push_back("end");
    std::string expected;
    for (const std::string& piece : pieces) expected += piece;
    run([&]() -> Coro<> {
        Trace ours;
        Trace theirs;
        const auto sender = std::make_shared<Recorder>(ours);
        const auto receiver = std::make_shared<Recorder>(theirs);
        const TransportPair ends = co_await connect(sender, receiver);
        ends.first->writelines(pieces);
        EXPECT_EQ(ours.joined(), "made | pause") << "it counts as any other write";
        ends.first->close();
        co_await until([&] { return sender->lost && receiver->lost; });
        EXPECT_EQ(receiver->received.size(), expected.size());
        EXPECT_TRUE(receiver->received == expected);
        EXPECT_EQ(ours.joined(), "made | pause | resume | lost None");
        EXPECT_EQ(theirs.joined(), "made | eof | lost None");
    });
}

TEST_P(EveryTransport, F14_writelines_to_a_peer_that_never_reads) {
    run([&]() -> Coro<> {
        auto connection = co_await connect_streams();
        auto& [ours, theirs] = connection;
        int written = 0;
        const auto fill = [&written](StreamWriter writer) -> Coro<> {
            const std::vector<std::string> pieces(16, std::string(kMegabyte / 16, 'x'));
            for (;; ++written) {
                writer.writelines(pieces);
                co_await writer.drain();
            }
        };
        auto filling = create_task(fill, ours.second);
        co_await settle();
        EXPECT_LE(written, 1) << "drain() waits";
        EXPECT_LE(ours.second.transport().get_write_buffer_size(), kMegabyte + (64 << 10));
        filling.cancel();
        co_await ended(filling);
        ours.second.transport().abort();
    });
}

// --- F15 ---------------------------------------------------------------------------------------------

// One write, most of which cannot be sent at once, and close() on the spot.
TEST_P(EveryTransport, F15_close_after_a_partial_send) {
    const std::string data = distinct_bytes(kMegabyte);
    const std::vector<std::function<void(Transport&)>> writes{
        [&](Transport& t) { t.write(BytesView(data)); },
        [&](Transport& t) { t.write(std::string(data)); },
        [&](Transport& t) {
            auto owner = std::make_shared<std::string>(data);
            t.write(BytesView(*owner), owner);
        },
        [&](Transport& t) {
            const std::size_t half = data.size() / 2;
            t.writelines(std::vector<std::string>{data.substr(0, half), data.substr(half)});
        },
    };
    run([&]() -> Coro<> {
        for (const auto& write : writes) {
            Trace ours;
            Trace theirs;
            const auto sender = std::make_shared<Recorder>(ours);
            const auto receiver = std::make_shared<Recorder>(theirs);
            const TransportPair ends = co_await connect(sender, receiver);
            ends.second->pause_reading();
            write(*ends.first);
            ends.first->close();
            EXPECT_GT(ends.first->get_write_buffer_size(), 0U);
            co_await settle();
            EXPECT_FALSE(sender->lost);
            ends.second->resume_reading();
            co_await until([&] { return sender->lost && receiver->lost; });
            EXPECT_TRUE(receiver->received == data);
            EXPECT_EQ(ours.joined(), "made | pause | resume | lost None");
        }
    });
}

TEST_P(EveryTransport, F15_written_while_the_protocol_is_told_to_pause) {
    run([&]() -> Coro<> {
        const std::string data = distinct_bytes(kMegabyte);
        Trace ours;
        Trace theirs;
        const auto sender = std::make_shared<Recorder>(ours);
        const auto receiver = std::make_shared<Recorder>(theirs);
        const TransportPair ends = co_await connect(sender, receiver);
        sender->on_pause = [&] {
            ends.first->write("last words");
            ends.first->close();
        };
        ends.first->write(BytesView(data));
        co_await until([&] { return sender->lost && receiver->lost; });
        EXPECT_TRUE(receiver->received == data + "last words");
        EXPECT_EQ(ours.joined(), "made | pause | resume | lost None");
    });
}

// --- F16 ---------------------------------------------------------------------------------------------

TEST_P(EveryTransport, F16_a_read_that_wants_more_than_the_limit) {
    run([&]() -> Coro<> {
        const std::string data = distinct_bytes(60'000);
        for (const bool all : {true, false}) {
            auto connection = co_await connect_streams(1000);
            auto& [ours, theirs] = connection;
            theirs.second.write(data);
            end_writing(theirs.second.transport());
            co_await settle();  // nobody reads yet: the reader pauses its transport
            EXPECT_GT(ours.first.buffered().size(), 0U);
            EXPECT_LT(ours.first.buffered().size(), data.size());
            std::string got;
            if (all) {
                got = co_await ours.first.read();
            } else {
                got = co_await ours.first.readexactly(50'000);
                got += co_await ours.first.readexactly(10'000);
                const std::string end = co_await ours.first.read();
                EXPECT_EQ(end, "");
            }
            EXPECT_TRUE(got == data);
        }
    });
}

// --- F17 ---------------------------------------------------------------------------------------------

// One end is closed, by itself, by the other or by its own connection_made(), at any moment of the set-up:
// each protocol hears of an end if it heard of a beginning, and nothing is left.
TEST_P(EveryTransport, F17_closed_while_it_is_set_up) {
    const bool upgrades = GetParam().above == ConnectionKind::Above::upgrade;
    for (const std::string who : {"first", "second", "both", "made"}) {
        for (int turn = 0; turn <= 8; ++turn) {
            SCOPED_TRACE(who + " after " + std::to_string(turn));
            Trace ours;
            Trace theirs;
            const auto first = std::make_shared<Recorder>(ours);
            const auto second = std::make_shared<Recorder>(theirs);
            if (who == "made") first->on_made = [](Transport& made) { made.abort(); };
            run([&]() -> Coro<> {
                const TransportPair below =
                    upgrades ? make(aio::detail::protocol_to_upgrade(), aio::detail::protocol_to_upgrade())
                             : make(first, second);
                std::vector<Task<Ref<Transport>>> set_up;
                if (upgrades) {
                    set_up.push_back(create_task(upgraded(below.first, first, false)));
                    set_up.push_back(create_task(upgraded(below.second, second, true)));
                }
                co_await turns(turn);
                if (who == "first" || who == "both") below.first->close();
                if (who == "second" || who == "both") below.second->abort();
                co_await settle();
                for (const Task<Ref<Transport>>& task : set_up) {
                    EXPECT_TRUE(task.done());
                    if (task.done()) static_cast<void>(task.exception());
                }
                below.first->abort();
                below.second->abort();
                co_await settle();
                EXPECT_EQ(below.first->get_protocol(), nullptr);
                EXPECT_EQ(below.second->get_protocol(), nullptr);
                EXPECT_EQ(loop().stats().descriptors, 0U);
                EXPECT_EQ(loop().stats().timers, 0U);
            });
            for (const Trace* trace : {&ours, &theirs}) {
                const std::string heard = trace->joined();
                EXPECT_EQ(heard.find("made") != heard.npos, heard.find("lost") != heard.npos) << heard;
            }
            EXPECT_EQ(first.use_count() + second.use_count(), 2);
        }
    }
    for (const std::string& report : reports()) ADD_FAILURE() << report;
}

INSTANTIATE_TEST_SUITE_P(, EveryTransport, ::testing::ValuesIn(connection_kinds()), name_of_kind);

}  // namespace
}  // namespace aio::tests
