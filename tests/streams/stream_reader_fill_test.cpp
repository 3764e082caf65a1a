// SPDX-License-Identifier: MIT
// fill(), consume(), buffered(): reading in place.
#include <streams/reader_support.hpp>
#include <streams/streams_support.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

class StreamReaderFill : public StreamsTest {};

TEST_F(StreamReaderFill, ShowsWhatIsThereAndLeavesIt) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("abcdef");
        EXPECT_EQ((co_await r.fill()).text(), "abcdef");
        EXPECT_EQ((co_await r.fill(6)).text(), "abcdef");
        r.consume(2);
        EXPECT_EQ(r.buffered().text(), "cdef");
        EXPECT_EQ((co_await r.fill()).text(), "cdef");
        EXPECT_EQ(co_await r.read(1), "c");
        r.consume(0);
        r.consume(3);
        EXPECT_TRUE(r.buffered().empty());
        EXPECT_TRUE((co_await r.fill(0)).empty()) << "nothing to wait for";
    });
}

TEST_F(StreamReaderFill, WaitsForSoManyBytes) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto first = co_await start(r.fill());
        r.feed_data("ab");
        EXPECT_EQ((co_await first).text(), "ab");
        auto more = co_await start(r.fill(3));
        r.feed_data("c");
        EXPECT_EQ((co_await more).text(), "abc");
        auto many = co_await start(r.fill(6));
        r.feed_data("de");
        co_await turns(2);
        EXPECT_FALSE(many.done());
        r.feed_data("fgh");
        EXPECT_EQ((co_await many).text(), "abcdefgh");
    });
}

TEST_F(StreamReaderFill, GivesFewerAtTheEndOfFile) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto waiting = co_await start(r.fill(10));
        r.feed_data("rest");
        r.feed_eof();
        EXPECT_EQ((co_await waiting).text(), "rest");
        EXPECT_EQ((co_await r.fill(5)).text(), "rest");
        EXPECT_EQ((co_await r.fill(1'000'000)).text(), "rest") << "the limit is no matter any more";
        EXPECT_FALSE(r.at_eof());
        r.consume(4);
        EXPECT_TRUE((co_await r.fill()).empty());
        EXPECT_TRUE(r.at_eof());
    });
}

TEST_F(StreamReaderFill, ConsumeRefusesWhatIsNotThere) {
    run([&]() -> Coro<> {
        StreamReader r;
        EXPECT_EQ(thrown<ValueError>([&] { r.consume(1); }), "consume() of 1 bytes, of which 0 are there");
        r.feed_data("abc");
        const BytesView view = co_await r.fill();
        EXPECT_EQ(thrown<ValueError>([&] { r.consume(4); }), "consume() of 4 bytes, of which 3 are there");
        EXPECT_EQ(view.text(), "abc") << "an error changes nothing";
        r.consume(3);
    });
}

TEST_F(StreamReaderFill, APeerCannotMakeUsBufferWithoutLimit) {
    run([&]() -> Coro<> {
        StreamReader r(10);
        auto within = co_await start(r.fill(10));
        r.feed_data("0123456789");
        EXPECT_EQ((co_await within).size(), 10u);
        try {
            co_await r.fill(11);
            ADD_FAILURE();
        } catch (const LimitOverrunError& e) {
            EXPECT_STREQ(e.what(), "fill() of 11 bytes, which is more than the limit of 10 bytes");
            EXPECT_EQ(e.consumed(), 10u);
        }
        EXPECT_EQ(r.buffered().size(), 10u) << "the data stays";
        r.feed_data("ab");
        EXPECT_EQ((co_await r.fill(12)).size(), 12u) << "what is there is there";
        r.consume(11);
        EXPECT_EQ((co_await r.fill()).text(), "b");
    });
}

class CountingTransport final : public ReadTransport {
public:
    CountingTransport() { add_ref(); }
    ~CountingTransport() override = default;
    void pause_reading() override { ++paused; }
    void resume_reading() override { ++resumed; }
    bool is_reading() const noexcept override { return paused == resumed; }
    void close() override {}
    std::any get_extra_info(std::string_view) const override { return {}; }
    void set_protocol(std::shared_ptr<BaseProtocol>) override {}
    std::shared_ptr<BaseProtocol> get_protocol() const override { return nullptr; }
    std::string repr() const override { return "<CountingTransport>"; }
    int paused = 0;
    int resumed = 0;
};

TEST_F(StreamReaderFill, ShowingDoesNotResumeTheTransportAndConsumingDoes) {
    CountingTransport transport;
    run([&]() -> Coro<> {
        StreamReader r(10);
        r.set_transport(transport);
        r.feed_data(std::string(21, 'x'));
        EXPECT_EQ(transport.paused, 1);
        co_await r.fill(11);
        r.consume(10);
        EXPECT_EQ(transport.resumed, 0);
        co_await r.fill();
        r.consume(1);
        EXPECT_EQ(transport.resumed, 1);
        r.feed_data(std::string(11, 'x'));
        EXPECT_EQ(transport.paused, 2);
        co_await r.fill();
        r.consume(21);
        EXPECT_EQ(transport.resumed, 2);
    });
}

// --- the view ------------------------------------------------------------------------------------------

TEST_F(StreamReaderFill, WhatArrivedWholeIsNotCopied) {
    run([&]() -> Coro<> {
        auto streams = co_await connect();
        auto& [r, w] = streams;
        const char* const place = detail::ReadArena::of(loop()).reserve().data();
        for (int i = 0; i < 3; ++i) {
            auto waiting = co_await start(r.fill());
            write_text(peer.fileno(), "GET / HTTP/1.1\r\n\r\n");
            const BytesView view = co_await waiting;
            EXPECT_EQ(view.text(), "GET / HTTP/1.1\r\n\r\n");
            EXPECT_EQ(view.data(), place) << "where the system put it; nothing is kept of the one before";
            r.consume(view.size());
        }
        w.close();
    });
}

TEST_F(StreamReaderFill, TheViewStaysValidWhateverArrives) {
    run([&]() -> Coro<> {
        for (const bool in_arena : {true, false}) {
            for (const std::size_t size : {1U, 3U, 15U, 16U, 30U, 31U, 5000U, 12000U}) {
                StreamReader r;
                const std::string text(size, 'a');
                in_arena ? receive(r, text) : r.feed_data(text);
                const BytesView view = co_await r.fill();
                const char* const place = view.data();
                std::string all = text;
                for (int i = 0; i < 8; ++i) {
                    std::string more(static_cast<std::size_t>(1000 * i + 1), static_cast<char>('b' + i));
                    i % 2 ? receive(r, more) : r.feed_data(more);
                    all += more;
                    EXPECT_EQ(view.text(), text);
                    EXPECT_EQ(r.buffered().text(), all);
                }
                EXPECT_EQ(view.data(), place);
                r.consume(size);
                EXPECT_EQ((co_await r.fill()).text(), all.substr(size));
            }
        }
    });
}

// More views at once than loans that can stay in the arena.
TEST_F(StreamReaderFill, ManyViewsAtOnce) {
    run([&]() -> Coro<> {
        std::vector<StreamReader> readers(60);
        std::vector<BytesView> views;
        for (std::size_t i = 0; i < readers.size(); ++i) {
            receive(readers[i], std::string(3000, static_cast<char>('A' + i)));
            views.push_back(co_await readers[i].fill());
        }
        for (int round = 0; round < 20; ++round) {
            for (const StreamReader& r : readers) receive(r, std::string(2000, '.'));
        }
        for (std::size_t i = 0; i < readers.size(); ++i) {
            EXPECT_EQ(views[i].text(), std::string(3000, static_cast<char>('A' + i)));
            readers[i].consume(3000);
            EXPECT_EQ(readers[i].buffered().text(), std::string(40000, '.'));
        }
        // Nothing stays pinned: the next view is in the arena again.
        StreamReader r;
        const char* const place = detail::ReadArena::of(loop()).reserve().data();
        receive(r, "x");
        EXPECT_EQ((co_await r.fill()).data(), place);
    });
}

TEST_F(StreamReaderFill, OtherReadsEndTheView) {
    run([&]() -> Coro<> {
        for (int i = 0; i < 40; ++i) {  // more than can be pinned
            StreamReader r;
            receive(r, "first\nsecond\nthird");
            EXPECT_EQ((co_await r.fill()).size(), 18u);  // which protocol is it?
            EXPECT_EQ(co_await r.readline(), "first\n");
            receive(r, "!");
            EXPECT_EQ((co_await r.fill()).text(), "second\nthird!");
            const BytesView view = co_await r.read_view();
            receive(r, "more");
            EXPECT_EQ(view.text(), "second\nthird!");
            EXPECT_EQ((co_await r.fill()).text(), "more");
            receive(r, " and more");
            EXPECT_EQ(co_await r.readexactly(6), "more a");
            std::array<char, 100> memory{};
            EXPECT_EQ(co_await r.read_into(memory), 7u);
        }
        StreamReader r;
        receive(r, "x");
        EXPECT_EQ((co_await r.fill()).data(), detail::ReadArena::of(loop()).reserve().data() - 64);
    });
}

// Of two tasks that read one stream, the second overtakes the first. The end of one's view is not the
// other's.
TEST_F(StreamReaderFill, ViewsOfSeveralTasksLeaveTheArenaInOrder) {
    run([&]() -> Coro<> {
        for (int i = 0; i < 40; ++i) {  // more than can be pinned
            StreamReader r;
            auto views = co_await start(r.read_view());
            receive(r, "first");
            EXPECT_EQ((co_await r.read_view()).text(), "first");
            receive(r, "second");
            EXPECT_EQ((co_await views).text(), "second");
            auto shows = co_await start(r.fill());
            receive(r, "third");
            EXPECT_EQ((co_await r.read_view()).text(), "third");
            receive(r, "4th");
            EXPECT_EQ((co_await shows).text(), "4th");
            receive(r, ", and 5th");
            EXPECT_EQ((co_await r.fill()).text(), "4th, and 5th");
            r.consume(12);
            auto again = co_await start(r.fill());
            receive(r, "6th");
            EXPECT_EQ((co_await r.fill()).text(), "6th");
            EXPECT_EQ((co_await again).text(), "6th");
            r.consume(1);
            EXPECT_EQ((co_await r.read_view()).text(), "th");
        }
        StreamReader r;
        receive(r, "x");
        EXPECT_EQ((co_await r.fill()).data(), detail::ReadArena::of(loop()).reserve().data() - 64);
    });
}

// --- parsers -------------------------------------------------------------------------------------------

// Messages "<length>\n<body>", parsed in place.
Coro<std::vector<std::string>> bodies(StreamReader r) {
    std::vector<std::string> found;
    std::size_t missing = 1;
    for (;;) {
        const BytesView view = co_await r.fill(missing);
        if (view.size() < missing) break;
        const std::string_view data = view;
        missing = data.size() + 1;
        const std::size_t head = data.find('\n');
        if (head == data.npos) continue;
        const std::size_t size = head + 1 + std::stoul(std::string(data.substr(0, head)));
        if (size > data.size()) {
            missing = size;
            continue;
        }
        found.emplace_back(data.substr(head + 1, size - head - 1));
        r.consume(size);
        missing = 1;
    }
    co_return found;
}

TEST_F(StreamReaderFill, AParserWorksWhereverTheChunksAreCut) {
    const std::string wire = "5\nhello0\n12\nhello, world1\n!";
    const std::vector<std::string> expected{"hello", "", "hello, world", "!"};
    run([&]() -> Coro<> {
        for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
            StreamReader r;
            auto parser = create_task(bodies(r));
            if (cut > 0) receive(r, wire.substr(0, cut));
            co_await turns(3);
            if (cut < wire.size()) receive(r, wire.substr(cut));
            r.feed_eof();
            EXPECT_EQ(co_await parser, expected) << cut;
        }
        StreamReader r;
        auto parser = create_task(bodies(r));
        for (const char byte : wire) {
            receive(r, std::string(1, byte));
            co_await turns(2);
        }
        r.feed_eof();
        EXPECT_EQ(co_await parser, expected) << "byte by byte";
    });
}

// Readers of one arena, beside what they should have and show.
class RandomUse {
public:
    using Receive = std::function<void(const StreamReader&, const std::string&)>;
    RandomUse(unsigned seed, Receive receive) : random_(seed), receive_(std::move(receive)), users_(25) {}

    Coro<> step() {
        User& user = users_[random_() % users_.size()];
        const std::size_t size = 1 + random_() % (random_() % 4 ? 300 : 16000);
        const std::size_t count = std::min(size, user.model.size());
        const unsigned what = random_() % 8;
        if (what < 3 && user.model.size() < 100'000) {
            const std::string text(size, static_cast<char>('a' + random_() % 26));
            what == 0 ? user.reader.feed_data(text) : receive_(user.reader, text);
            user.model += text;
        } else if (what < 5 && !user.model.empty()) {
            user.lent = {};
            user.taken.clear();
            user.view = co_await user.reader.fill();
            user.shown = user.model;
        } else if (count > 0) {
            user.view = {};
            user.shown.clear();
            if (what == 5) {
                user.reader.consume(count);
            } else if (what == 6) {
                const std::string taken =
                    co_await user.reader.readexactly(static_cast<std::ptrdiff_t>(count));
                EXPECT_EQ(taken, user.model.substr(0, count));
            } else {
                user.lent = co_await user.reader.read_view();
                user.taken = std::exchange(user.model, "");
            }
            if (what < 7) user.model.erase(0, count);
        }
        EXPECT_TRUE(user.reader.buffered().text() == user.model);
        for (const User& each : users_) {
            EXPECT_TRUE(each.view.text() == each.shown);
            EXPECT_TRUE(each.lent.text() == each.taken);
        }
    }

private:
    struct User {
        StreamReader reader = StreamReader(1'000'000);
        std::string model;
        BytesView view;  // of fill()
        std::string shown;
        BytesView lent;  // of read_view()
        std::string taken;
    };
    std::mt19937 random_;
    Receive receive_;
    std::vector<User> users_;
};

// Whatever is received, shown, consumed and read: the stream is the same, and the latest view holds.
TEST_F(StreamReaderFill, RandomUseKeepsEveryByte) {
    run([&]() -> Coro<> {
        for (unsigned seed = 1; seed <= 10; ++seed) {
            RandomUse use(seed, [&](const StreamReader& r, const std::string& text) { receive(r, text); });
            for (int step = 0; step < 2000 && !HasFailure(); ++step) co_await use.step();
            EXPECT_FALSE(HasFailure()) << seed;
        }
    });
}

}  // namespace
}  // namespace aio::tests
