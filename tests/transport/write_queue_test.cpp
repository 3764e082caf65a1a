// SPDX-License-Identifier: MIT
// What waits to be sent: what of it is copied, and what stays where it is.
#include <aio/transport/write_queue_impl.hpp>

#include <support/heap.hpp>

#include <gtest/gtest.h>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using detail::WriteQueue;

std::vector<BytesView> gathered(const WriteQueue& queue) {
    std::array<iovec, WriteQueue::kMaxPieces> vectors;
    std::vector<BytesView> pieces;
    const std::size_t count = queue.gather(vectors);
    for (std::size_t i = 0; i < count; ++i) {
        pieces.emplace_back(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
    }
    return pieces;
}
std::string text_of(const WriteQueue& queue) {
    std::string text;
    for (const BytesView piece : gathered(queue)) text += piece.text();
    return text;
}

TEST(WriteQueue, KeepsWhatIsOwnedAndCopiesTheRest) {
    const std::string lent(5000, 'l');
    const auto owner = std::make_shared<std::string>(5000, 'o');
    std::string large(5000, 's');
    const char* const memory = large.data();
    WritePiece pieces[] = {WritePiece("head"),
                           WritePiece(lent),
                           WritePiece(std::move(large)),
                           WritePiece(std::string("short ")),
                           WritePiece(""),
                           WritePiece("text"),
                           WritePiece(BytesView(*owner).subview(4990), owner),
                           WritePiece("", owner)};
    WriteQueue queue;
    queue.add(pieces, 0);
    EXPECT_EQ(queue.size(), 10'024U);
    const std::vector<BytesView> waiting = gathered(queue);
    ASSERT_EQ(waiting.size(), 4U);
    EXPECT_EQ(waiting[0].text(), "head" + lent) << "joined";
    EXPECT_EQ(waiting[1].data(), memory);
    EXPECT_EQ(waiting[2].text(), "short text");
    EXPECT_EQ(waiting[3].data(), owner->data() + 4990) << "however short it is";
    EXPECT_TRUE(pieces[2].view().empty() && pieces[6].view().empty()) << "taken";
    EXPECT_EQ(owner.use_count(), 3) << "here, in the queue, and in the empty piece";
    queue.consume(10'024);
    while (queue.take_sent()) {
    }
    EXPECT_EQ(owner.use_count(), 2);
}

// The first piece may be sent in part already.
TEST(WriteQueue, GoesOnInTheMiddleOfAPiece) {
    const std::string text = std::string(3000, 'a') + std::string(3000, 'b');
    const auto owner = std::make_shared<std::string>(text);
    for (int kind = 0; kind < 4; ++kind) {
        SCOPED_TRACE(kind);
        std::vector<WritePiece> pieces;
        if (kind == 0) pieces.emplace_back(text);
        if (kind == 1) pieces.emplace_back(std::string(text));
        if (kind == 2) pieces.emplace_back(BytesView(*owner), owner);
        if (kind == 3) pieces.emplace_back(std::string(text.substr(2500, 1000)));
        pieces.emplace_back("tail");
        WriteQueue queue;
        queue.add(pieces, kind == 3 ? 500 : 3000);
        const std::string rest = std::string(kind == 3 ? 500 : 3000, 'b') + "tail";
        EXPECT_EQ(queue.size(), rest.size());
        EXPECT_EQ(text_of(queue), rest);
        queue.consume(100);
        EXPECT_EQ(text_of(queue), rest.substr(100));
        queue.copy("more");
        EXPECT_EQ(text_of(queue), rest.substr(100) + "more");
    }
}

// Also in front of what is not sent yet.
TEST(WriteQueue, GivesTheMemoryOfWhatIsSentBack) {
    const std::size_t before = allocated_bytes();
    detail::WriteQueue queue;
    const std::string block(100'000, 'x');
    for (int i = 0; i < 50; ++i) queue.copy(block);
    queue.consume(49 * block.size());
    while (queue.take_sent()) {
    }
    EXPECT_EQ(queue.size(), block.size());
    EXPECT_LT(allocated_bytes(), before + 5 * block.size());
}

TEST(WriteQueue, JoinsCopiesOfSeveralCalls) {
    WriteQueue queue;
    queue.copy("a");
    queue.add(std::vector<BytesView>{"b", "", "c"}, 0);
    queue.keep(std::string("d"), 0);
    EXPECT_EQ(gathered(queue).size(), 1U);
    EXPECT_EQ(text_of(queue), "abcd");
    queue.consume(4);
    EXPECT_EQ(queue.take_sent(), nullptr);
    queue.copy("e");
    EXPECT_EQ(text_of(queue), "e") << "not joined to what is sent";
}

}  // namespace
}  // namespace aio::tests
