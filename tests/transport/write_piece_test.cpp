// SPDX-License-Identifier: MIT
// What writelines() takes, and what becomes of it on a transport that knows nothing of owners.
#include <aio/streams/stream_writer.hpp>
#include <aio/transport/transport.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <array>
#include <iterator>
#include <list>
#include <memory>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

static_assert(std::is_nothrow_move_constructible_v<WritePiece>);
static_assert(!std::is_copy_constructible_v<WritePiece>);
static_assert(!std::is_constructible_v<WritePiece, int>);
static_assert(!std::is_default_constructible_v<WritePiece>);

template <class Target, class Pieces>
concept TakesLines =
    requires(Target& target, Pieces&& pieces) { target.writelines(std::forward<Pieces>(pieces)); };
template <class Target>
constexpr bool takes_what_it_should =
    TakesLines<Target, std::span<const BytesView>> && TakesLines<Target, std::vector<BytesView>&> &&
    TakesLines<Target, std::vector<BytesView>> && TakesLines<Target, const std::vector<std::string>&> &&
    TakesLines<Target, std::vector<std::string>&> && TakesLines<Target, std::vector<std::string>> &&
    TakesLines<Target, std::array<const char*, 2>> && TakesLines<Target, const char* const (&)[2]> &&
    TakesLines<Target, std::span<std::string>> && TakesLines<Target, std::list<std::vector<std::byte>>> &&
    TakesLines<Target, std::span<WritePiece>> && TakesLines<Target, std::span<WritePiece>&> &&
    TakesLines<Target, std::span<WritePiece, 2>> && TakesLines<Target, std::vector<WritePiece>> &&
    TakesLines<Target, std::array<WritePiece, 2>> && TakesLines<Target, std::list<WritePiece>> &&
    TakesLines<Target, std::initializer_list<WritePiece>> && !TakesLines<Target, std::string> &&
    !TakesLines<Target, std::vector<int>>;
static_assert(takes_what_it_should<Transport>);
static_assert(takes_what_it_should<const StreamWriter>);

TEST(WritePieces, ShowTheirBytes) {
    const std::string text = "text";
    EXPECT_EQ(WritePiece("literal").view(), "literal");
    EXPECT_EQ(WritePiece(text).view().data(), text.data()) << "refers to it";
    EXPECT_EQ(WritePiece(std::string_view(text)).view(), "text");
    const std::vector<char> bytes = {'b', 'y'};
    EXPECT_EQ(WritePiece(bytes).view().data(), bytes.data());
    EXPECT_EQ(WritePiece(text, nullptr).view().data(), text.data());
    EXPECT_TRUE(WritePiece("").view().empty());
    std::string large(1000, 'x');
    const char* const memory = large.data();
    EXPECT_EQ(WritePiece(std::move(large)).view().data(), memory) << "moved in";
}

TEST(WritePieces, KeepContainersThatAreMovedIn) {
    std::vector<WritePiece> pieces;
    pieces.emplace_back(std::vector<std::byte>(1000, std::byte{'b'}));
    pieces.emplace_back(std::array<char, 2>{'x', 'y'});
    pieces.emplace_back(std::vector<char>());
    EXPECT_EQ(pieces[0].view().text(), std::string(1000, 'b'));
    EXPECT_EQ(pieces[1].view().text(), "xy");
    EXPECT_TRUE(pieces[2].view().empty());
    std::vector<char> stays = {'s'};
    EXPECT_EQ(WritePiece(stays).view().data(), stays.data());
    EXPECT_EQ(WritePiece(std::span<char>(stays)).view().data(), stays.data()) << "a view refers to others";
}

TEST(WritePieces, AreEmptyWhenTheyWereMovedFrom) {
    auto owner = std::make_shared<std::string>("owned");
    const std::weak_ptr<std::string> watch = owner;
    {
        const BytesView bytes = *owner;
        WritePiece pieces[] = {WritePiece("lent"), WritePiece(std::string("text")),
                               WritePiece(bytes, std::move(owner))};
        std::string all;
        for (WritePiece& piece : pieces) {
            const WritePiece moved = std::move(piece);
            all += moved.view().text();
            EXPECT_TRUE(piece.view().empty());  // NOLINT(bugprone-use-after-move): that is what is tested
        }
        EXPECT_EQ(all, "lenttextowned");
        EXPECT_TRUE(watch.expired());
    }
}

// Implements what it must, as a transport of the time before owned pieces does.
class Plain final : public Transport {
public:
    using WriteTransport::write;
    using WriteTransport::writelines;
    void close() override {}
    std::any get_extra_info(std::string_view) const override { return {}; }
    void set_protocol(std::shared_ptr<BaseProtocol>) override {}
    std::shared_ptr<BaseProtocol> get_protocol() const override { return nullptr; }
    std::string repr() const override { return "<Plain>"; }
    void pause_reading() override {}
    void resume_reading() override {}
    bool is_reading() const noexcept override { return true; }
    void write(BytesView) override { ADD_FAILURE() << "the pieces belong together"; }
    void write(BytesView, std::shared_ptr<const void>) override { ADD_FAILURE(); }
    void writelines(std::span<const BytesView> pieces) override {
        written.emplace_back();
        for (const BytesView piece : pieces) written.back() += piece.str() + "|";
    }
    void write_eof() override {}
    bool can_write_eof() const noexcept override { return false; }
    void abort() override {}
    void set_write_buffer_limits(std::optional<std::size_t>, std::optional<std::size_t>) override {}
    WriteBufferLimits get_write_buffer_limits() const noexcept override { return {}; }
    std::size_t get_write_buffer_size() const noexcept override { return 0; }

    std::vector<std::string> written;
};

class WritesLines : public ::testing::Test {
protected:
    // What one call of writelines() gave to the transport.
    template <class Pieces>
    std::string lines(Pieces&& pieces) {
        plain->written.clear();
        transport.writelines(std::forward<Pieces>(pieces));
        return py(plain->written);
    }
    Ref<Plain> plain{new Plain};
    Transport& transport = *plain;
};

TEST_F(WritesLines, OfABracedList) {
    const std::string head = "head";
    std::string body = "body";
    transport.writelines({"a", "b"});
    transport.writelines({"a"});
    transport.writelines({"a", "b", "c"});
    transport.writelines({head, std::move(body)});
    transport.writelines({std::string("one"), std::string("two")});
    transport.writelines({BytesView("view"), BytesView("view")});
    transport.writelines({std::string_view("view"), "literal", head});
    transport.writelines({{head, nullptr}, {"tail", std::make_shared<int>()}});
    transport.writelines({});
    EXPECT_EQ(py(plain->written),
              "[a|b|, a|, a|b|c|, head|body|, one|two|, view|view|, view|literal|head|, head|tail|, ]");
}

TEST_F(WritesLines, OfAnyRange) {
    std::vector<std::string> texts = {"one", "two"};
    EXPECT_EQ(lines(texts), "[one|two|]");
    EXPECT_EQ(lines(std::span<std::string>(texts)), "[one|two|]");
    EXPECT_EQ(lines(std::as_const(texts)), "[one|two|]");
    EXPECT_EQ(texts.front(), "one") << "what is not moved in stays";
    EXPECT_EQ(lines(std::set<std::string>{"a", "b"}), "[a|b|]");
    EXPECT_EQ(lines(std::list<std::string>{"a", "b"}), "[a|b|]");
    const char* const literals[] = {"x", "y"};
    EXPECT_EQ(lines(literals), "[x|y|]");
    EXPECT_EQ(lines(std::vector<std::vector<std::byte>>{{std::byte{'b'}}}), "[b|]");
    EXPECT_EQ(lines(std::vector<BytesView>{"view"}), "[view|]");
    EXPECT_EQ(lines(std::ranges::subrange(std::make_move_iterator(texts.begin()),
                                          std::make_move_iterator(texts.end()))),
              "[one|two|]");
}

// Each element is gone when the next one is looked at.
TEST_F(WritesLines, OfElementsThatAreMadeOnTheWay) {
    const std::vector<int> numbers = {1, 2, 3};
    const auto text = [](int number) { return "the text of number " + std::to_string(number); };
    const std::string all = "[the text of number 1|the text of number 2|the text of number 3|]";
    EXPECT_EQ(lines(numbers | std::views::transform(text)), all);
    const auto bytes = [&](int number) {
        const std::string made = text(number);
        return std::vector<char>(made.begin(), made.end());
    };
    EXPECT_EQ(lines(numbers | std::views::transform(bytes)), all);
    std::istringstream words("one string for all of these words");
    EXPECT_EQ(lines(std::ranges::subrange(std::istream_iterator<std::string>(words),
                                          std::istream_iterator<std::string>())),
              "[one|string|for|all|of|these|words|]");
}

TEST_F(WritesLines, OfPiecesAndLetsGoOfThem) {
    const auto owner = std::make_shared<std::string>("owned");
    std::vector<WritePiece> pieces;
    pieces.emplace_back("lent");
    pieces.emplace_back(std::string("text"));
    pieces.emplace_back(BytesView(*owner), owner);
    EXPECT_EQ(lines(std::move(pieces)), "[lent|text|owned|]");
    EXPECT_EQ(owner.use_count(), 1);
    EXPECT_EQ(lines(std::array{WritePiece("a"), WritePiece(BytesView(*owner), owner)}), "[a|owned|]");
    EXPECT_EQ(owner.use_count(), 1);
    WritePiece kept[] = {WritePiece("a"), WritePiece(BytesView(*owner), owner)};
    EXPECT_EQ(lines(std::span<WritePiece>(kept)), "[a|owned|]");
    EXPECT_EQ(owner.use_count(), 2) << "until the pieces go";
}

}  // namespace
}  // namespace aio::tests
