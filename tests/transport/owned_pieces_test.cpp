// SPDX-License-Identifier: MIT
// Pieces with owners on their way through a transport, whose channel takes what the test says.
#include <net/net_support.hpp>
#include <support/trace.hpp>

#include <aio/streams.hpp>
#include <aio/testing.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

using namespace std::chrono_literals;
namespace {

class ScriptedTransport final : public StreamTransport {
public:
    ScriptedTransport(EventLoop& loop, std::shared_ptr<BaseProtocol> protocol)
        : StreamTransport(loop, nullptr, nullptr) {
        install(std::move(protocol));
        enqueue();
        begin();
    }
    std::any get_extra_info(std::string_view) const override { return {}; }
    std::string repr() const override { return repr_of("ScriptedTransport", ""); }
    void run() override {
        state_ &= ~kQueued;
        if (state_ & kUnopened) {
            start();
        } else if (state_ & kWritable) {
            write_ready();
        }
    }
    /// From here on the channel takes so many bytes more, or fails.
    void take(std::size_t bytes, int error = 0) {
        room = bytes;
        fails = error;
        if (unsent() > 0) write_again();
    }

    std::size_t room = 0;
    int fails = 0;
    std::string sent;
    std::vector<std::pair<const char*, char>> from;  ///< where what was sent began, and with what
    std::vector<std::size_t> calls;                  ///< with how many pieces

private:
    ssize_t send_now(BytesView data) noexcept override {
        const iovec piece{const_cast<char*>(data.data()), data.size()};
        return send_now(std::span<const iovec>(&piece, 1));
    }
    ssize_t send_now(std::span<const iovec> pieces) noexcept override {
        calls.push_back(pieces.size());
        if (room == 0 || fails) {
            errno = fails ? fails : EAGAIN;
            return -1;
        }
        const std::size_t before = sent.size();
        for (const iovec& piece : pieces) {
            const std::size_t count =
                std::min(piece.iov_len, std::exchange(room, room - std::min(room, piece.iov_len)));
            if (count > 0)
                from.emplace_back(static_cast<const char*>(piece.iov_base),
                                  *static_cast<const char*>(piece.iov_base));
            sent.append(static_cast<const char*>(piece.iov_base), count);
        }
        return static_cast<ssize_t>(sent.size() - before);
    }
    void shut_down_writing() noexcept override { sent += "<EOF>"; }
    std::exception_ptr system_error(const char* operation) const noexcept override {
        return make_os_error(errno, operation);
    }
    void open_channel() override {}
    void stop_channel() noexcept override {}
    void close_channel() noexcept override {}
    const char* kind() const noexcept override { return "scripted transport"; }
};

struct WritingProtocol : Protocol {
    void pause_writing() override { heard += "pause "; }
    void resume_writing() override { heard += "resume "; }
    void connection_lost(std::exception_ptr error) override { heard += "lost:" + error_name(error); }
    std::string heard;
};

class OwnedPieces : public ::testing::Test, public aio::testing::LoopTest {
protected:
    Coro<Ref<ScriptedTransport>> connect() {
        Ref<ScriptedTransport> made(new ScriptedTransport(loop(), protocol));
        co_await sleep(0s);
        co_return made;
    }
    // A lent head, a string, and bytes with an owner: 4 + 3000 + 2000.
    std::vector<WritePiece> three() {
        std::string text(3000, 's');
        string = text.data();
        owner = std::make_shared<std::string>(2000, 'o');
        watch = owner;
        std::vector<WritePiece> pieces;
        pieces.emplace_back("head");
        pieces.emplace_back(std::move(text));
        pieces.emplace_back(BytesView(*owner), owner);
        return pieces;
    }
    static Coro<> turns(int count) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }
    static std::string all() { return "head" + std::string(3000, 's') + std::string(2000, 'o'); }
    void TearDown() override { finish(); }

    std::shared_ptr<WritingProtocol> protocol = std::make_shared<WritingProtocol>();
    const char* string = nullptr;
    std::shared_ptr<std::string> owner;
    std::weak_ptr<std::string> watch;
};

TEST_F(OwnedPieces, LeaveFromWhereTheyAre) {
    run([&]() -> Coro<> {
        const auto transport = co_await connect();
        transport->room = 100'000;
        transport->writelines(three());
        EXPECT_EQ(owner.use_count(), 1) << "sent at once";
        EXPECT_EQ(transport->sent, all());
        EXPECT_EQ(transport->calls, std::vector<std::size_t>{3});
        EXPECT_EQ(transport->from.at(1).first, string);
        EXPECT_EQ(transport->from.at(2).first, owner->data());
        transport->abort();
    });
}

TEST_F(OwnedPieces, WaitWhereTheyAre) {
    run([&]() -> Coro<> {
        const auto transport = co_await connect();
        transport->writelines(three());
        EXPECT_EQ(owner.use_count(), 2);
        EXPECT_EQ(transport->get_write_buffer_size(), 5004U);
        transport->calls.clear();
        transport->take(100'000);
        co_await sleep(0s);
        EXPECT_EQ(owner.use_count(), 1);
        EXPECT_EQ(transport->sent, all());
        EXPECT_EQ(transport->calls, std::vector<std::size_t>{3}) << "together";
        EXPECT_EQ(transport->from.at(1).first, string);
        EXPECT_EQ(transport->from.at(2).first, owner->data());
        transport->abort();
    });
}

TEST_F(OwnedPieces, ThatAreGatheredInAStepLeaveTogether) {
    run([&]() -> Coro<> {
        const auto transport = co_await connect();
        transport->room = 100'000;
        transport->write("first");
        transport->writelines(three());
        transport->write("last");
        EXPECT_EQ(transport->sent, "first");
        EXPECT_EQ(owner.use_count(), 2);
        co_await sleep(0s);
        EXPECT_EQ(transport->sent, "first" + all() + "last");
        EXPECT_EQ(transport->calls, (std::vector<std::size_t>{1, 4}));
        EXPECT_EQ(transport->from.at(2).first, string);
        EXPECT_EQ(transport->from.at(3).first, owner->data());
        EXPECT_EQ(owner.use_count(), 1);
        transport->abort();
    });
}

// Wherever the channel stops: it goes on there, nothing is copied, and the owner is held as long as needed.
TEST_F(OwnedPieces, MayBeSentInPart) {
    run([&]() -> Coro<> {
        for (const std::size_t first : {1, 4, 5, 1500, 3003, 3004, 3005, 4000, 5003, 5004}) {
            for (const std::size_t then : {1, 500, 3100, 5004}) {
                SCOPED_TRACE(std::to_string(first) + " " + std::to_string(then));
                const auto transport = co_await connect();
                transport->room = first;
                transport->writelines(three());
                EXPECT_EQ(transport->get_write_buffer_size(), 5004 - first);
                transport->write("tail");
                transport->take(then);
                while (transport->get_write_buffer_size() > 0) {
                    const std::size_t before = transport->sent.size();
                    co_await sleep(0s);
                    if (transport->room == 0) transport->take(then);
                    if (transport->sent.size() == before) continue;
                    EXPECT_EQ(owner.use_count() == 1, transport->sent.size() >= 5004);
                }
                EXPECT_EQ(transport->sent, all() + "tail");
                for (const auto& [place, byte] : transport->from) {
                    EXPECT_TRUE(byte != 's' || (place >= string && place < string + 3000));
                    EXPECT_TRUE(byte != 'o' || (place >= owner->data() && place < owner->data() + 2000));
                }
                transport->abort();
            }
        }
    });
}

TEST_F(OwnedPieces, CountForTheMarks) {
    run([&]() -> Coro<> {
        const auto transport = co_await connect();
        transport->set_write_buffer_limits(5003, 2000);
        transport->writelines(three());
        EXPECT_EQ(protocol->heard, "pause ");
        transport->take(3003);
        co_await turns(2);
        EXPECT_EQ(protocol->heard, "pause ");
        transport->take(1);
        co_await turns(2);
        EXPECT_EQ(protocol->heard, "pause resume ");
        transport->abort();
    });
}

TEST_F(OwnedPieces, AreLetGoOfWhenThePeerIsGone) {
    run([&]() -> Coro<> {
        for (const std::size_t before : {0, 2, 3500}) {  // bytes that are sent before it goes
            protocol = std::make_shared<WritingProtocol>();
            const auto transport = co_await connect();
            transport->room = before;
            transport->writelines(three());
            owner = nullptr;
            EXPECT_FALSE(watch.expired());
            transport->take(0, EPIPE);
            co_await turns(2);
            EXPECT_EQ(protocol->heard, "lost:BrokenPipeError");
            EXPECT_TRUE(watch.expired());
        }
        protocol = std::make_shared<WritingProtocol>();
        const auto transport = co_await connect();
        transport->fails = EPIPE;
        transport->writelines(three());
        EXPECT_EQ(owner.use_count(), 1) << "not kept for a connection that is lost";
        transport->writelines(three());
        EXPECT_EQ(owner.use_count(), 1);
        co_await turns(2);
        EXPECT_EQ(protocol->heard, "lost:BrokenPipeError");
    });
}

TEST_F(OwnedPieces, AreSentBeforeTheEnd) {
    run([&]() -> Coro<> {
        for (const bool eof : {true, false}) {
            protocol = std::make_shared<WritingProtocol>();
            const auto transport = co_await connect();
            transport->writelines(three());
            owner = nullptr;
            if (eof) transport->write_eof();
            EXPECT_EQ(thrown<RuntimeError>([&] { transport->writelines(three()); }),
                      eof ? "Cannot call writelines() after write_eof()" : "no exception");
            transport->close();
            transport->take(4000);
            co_await turns(2);
            EXPECT_EQ(protocol->heard, "");
            transport->take(100'000);
            co_await turns(3);
            EXPECT_EQ(protocol->heard, "lost:None");
            EXPECT_EQ(transport->sent, eof ? all() : all() + all());
            EXPECT_TRUE(watch.expired() || owner.use_count() == 1);
        }
    });
}

TEST_F(OwnedPieces, OfMoreThanOneCallTakes) {
    run([&]() -> Coro<> {
        const auto transport = co_await connect();
        transport->room = 100'000;
        constexpr std::size_t kMost = detail::WriteQueue::kMaxPieces;
        std::vector<WritePiece> pieces;
        std::string expected;
        for (std::size_t i = 0; i < kMost + 10; ++i) {
            const auto each = std::make_shared<std::string>(std::to_string(i) + ",");
            expected += *each;
            pieces.emplace_back("");  // does not count
            pieces.emplace_back(BytesView(*each), each);
        }
        transport->writelines(std::move(pieces));
        EXPECT_EQ(transport->sent, expected);
        EXPECT_EQ(transport->calls, (std::vector<std::size_t>{kMost, 10}));
        transport->abort();
    });
}

TEST_F(OwnedPieces, OfAStreamWriter) {
    run([&]() -> Coro<> {
        StreamReader reader;
        const auto streams = std::make_shared<StreamReaderProtocol>(reader);
        const Ref<ScriptedTransport> transport(new ScriptedTransport(loop(), streams));
        const StreamWriter writer(*transport, streams, reader);
        co_await sleep(0s);
        writer.writelines(three());
        std::string body(3000, 'b');
        const char* const memory = body.data();
        writer.writelines({"length: 3000\n", std::move(body)});
        writer.writelines(std::vector<std::string>{std::string(2000, 'x'), "y"});
        transport->set_write_buffer_limits(0, {});
        auto drained = create_task(writer.drain());
        co_await turns(2);
        EXPECT_FALSE(drained.done());
        drained.cancel();  // what was written stays written
        co_await ended(drained);
        EXPECT_EQ(owner.use_count(), 2);
        transport->take(100'000);
        co_await writer.drain();
        EXPECT_EQ(owner.use_count(), 1);
        EXPECT_EQ(transport->sent,
                  all() + "length: 3000\n" + std::string(3000, 'b') + std::string(2000, 'x') + "y");
        EXPECT_EQ(transport->from.at(1).first, string);
        EXPECT_EQ(transport->from.at(4).first, memory);
        transport->abort();
    });
}

}  // namespace
}  // namespace aio::tests
