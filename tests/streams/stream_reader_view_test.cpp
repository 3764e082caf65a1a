// SPDX-License-Identifier: MIT
// read_view(): how long what it gives may be used.
#include <streams/reader_support.hpp>
#include <streams/streams_support.hpp>

#include <any>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

class StreamReaderView : public StreamsTest {};

TEST_F(StreamReaderView, StaysWhileOtherReadsWait) {
    run([&]() -> Coro<> {
        for (int i = 0; i < 40; ++i) {  // more than can be pinned
            StreamReader r;
            receive(r, "first");
            const BytesView view = co_await r.read_view();
            auto some = co_await start(r.read(100));
            receive(r, "second");
            EXPECT_EQ(co_await some, "second");
            auto five = co_await start(r.readexactly(5));
            receive(r, "thi");
            receive(r, "rd");
            EXPECT_EQ(co_await five, "third");
            std::array<char, 10> memory{};
            auto into = co_await start(r.read_into(memory));
            receive(r, "4");
            EXPECT_EQ(co_await into, 1u);
            EXPECT_EQ(view.text(), "first");
            auto next = co_await start(r.read_view());
            receive(r, "5th");
            EXPECT_EQ((co_await next).text(), "5th");
        }
    });
}

TEST_F(StreamReaderView, StaysWhenTheStreamEnds) {
    run([&]() -> Coro<> {
        StreamReader r;
        receive(r, "last");
        const BytesView view = co_await r.read_view();
        r.feed_eof();
        EXPECT_TRUE(r.at_eof());
        EXPECT_TRUE(r.buffered().empty());
        EXPECT_EQ(co_await r.read(100), "");
        EXPECT_EQ(co_await r.read(), "");
        EXPECT_EQ(co_await r.readline(), "");
        EXPECT_EQ(co_await r.readexactly(0), "");
        EXPECT_EQ(co_await r.next_chunk(), std::nullopt);
        std::array<char, 10> memory{};
        EXPECT_EQ(co_await r.read_into(memory), 0u);
        r.consume(0);
        std::string other(detail::ReadArena::kRoom, 'x');
        StreamReader second;
        receive(second, other);  // would take the place of what is not kept
        EXPECT_EQ(view.text(), "last");
        EXPECT_TRUE((co_await r.read_view()).empty());
        EXPECT_TRUE((co_await r.fill()).empty());
    });
}

TEST_F(StreamReaderView, OfWhatWasFedByHandStays) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("fed");
        const BytesView view = co_await r.read_view();
        receive(r, "received");
        EXPECT_EQ(co_await r.readexactly(3), "rec");
        EXPECT_EQ(view.text(), "fed");
        EXPECT_EQ((co_await r.fill()).text(), "eived");
        r.consume(5);
        receive(r, "in place");
        EXPECT_EQ((co_await r.read_view()).text(), "in place");
        r.feed_data("more");
        EXPECT_EQ((co_await r.read_view()).text(), "more");
    });
}

TEST_F(StreamReaderView, MayBeDroppedWithItsReaderOrItsLoop) {
    std::optional<StreamReader> kept;
    run([&]() -> Coro<> {
        {
            StreamReader r;
            receive(r, "dropped");
            co_await r.read_view();
        }
        StreamReader next;
        receive(next, "x");
        EXPECT_EQ(next.buffered().data(), detail::ReadArena::of(loop()).reserve().data() - 64);
        receive(kept.emplace(), "kept");
        co_await kept->read_view();
    });
    finish();
    kept->feed_data("more");
    EXPECT_EQ(kept->buffered().text(), "more");
    kept.reset();
}

// Whom a reader pauses and resumes.
class Paused final : public ReadTransport {
public:
    void close() override {}
    std::any get_extra_info(std::string_view) const override { return {}; }
    void set_protocol(std::shared_ptr<BaseProtocol>) override {}
    std::shared_ptr<BaseProtocol> get_protocol() const override { return nullptr; }
    std::string repr() const override { return "<Paused>"; }
    void pause_reading() override { calls += "pause "; }
    void resume_reading() override { calls += "resume "; }
    bool is_reading() const noexcept override { return true; }
    std::string calls;
};

TEST_F(StreamReaderView, ResumesTheTransport) {
    run([&]() -> Coro<> {
        const Ref<Paused> transport(new Paused());
        StreamReader r(4);
        r.set_transport(*transport);
        receive(r, "more than twice the limit");
        EXPECT_EQ(transport->calls, "pause ");
        const BytesView first = co_await r.read_view();
        EXPECT_EQ(transport->calls, "pause resume ");
        receive(r, "the same again");
        EXPECT_EQ(first.text(), "more than twice the limit");
        EXPECT_EQ((co_await r.read_view()).text(), "the same again");
        EXPECT_EQ(transport->calls, "pause resume pause resume ");
        auto waits = co_await start(r.read_view());
        receive(r, "and for one who waits");
        EXPECT_EQ((co_await waits).text(), "and for one who waits");
        EXPECT_EQ(transport->calls, "pause resume pause resume pause resume ");
    });
}

}  // namespace
}  // namespace aio::tests
