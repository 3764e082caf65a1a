// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/router/pattern/regex_node_impl.hpp>

#include <optional>
#include <utility>

namespace aio::web::detail {
namespace {

using Kind = RegexNode::Kind;
namespace syntax = http::syntax;

constexpr std::size_t kMostDepth = 100;
constexpr std::size_t kMostTimes = 1000;

RegexNode node_of(Kind kind) {
    RegexNode node;
    node.kind = kind;
    return node;
}

RegexNode node_of(CharSet set) {
    RegexNode node = node_of(Kind::set);
    node.set = std::move(set);
    return node;
}

RegexNode node_of(std::string_view text) {
    RegexNode node = node_of(Kind::text);
    node.text = text;
    return node;
}

std::string utf8(std::uint32_t code) {
    const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
    return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

class Parser {
public:
    explicit Parser(std::string_view pattern) : pattern_(pattern) {}

    RegexNode parse() {
        RegexNode node = choice(0);
        if (!at_end()) fail("unbalanced parenthesis", at_);
        return node;
    }

private:
    // What stands for itself or a set, in or outside of brackets.
    struct Item {
        std::optional<CharSet> set;
        std::uint32_t code = 0;
        std::size_t size = 0;  // of the character's bytes
    };

    [[noreturn]] static void fail(const std::string& what, std::size_t position) {
        throw ValueError(what + " at position " + std::to_string(position));
    }

    bool at_end() const noexcept { return at_ == pattern_.size(); }
    char peek() const noexcept { return at_end() ? '\0' : pattern_[at_]; }
    bool take(char c) noexcept {
        if (at_end() || pattern_[at_] != c) return false;
        ++at_;
        return true;
    }

    RegexNode choice(std::size_t depth) {
        if (depth > kMostDepth) fail("too many groups within each other", at_);
        RegexNode node = node_of(Kind::choice);
        do node.children.push_back(sequence(depth));
        while (take('|'));
        return node.children.size() == 1 ? std::move(node.children.front()) : node;
    }

    RegexNode sequence(std::size_t depth) {
        RegexNode node;
        while (!at_end() && peek() != '|' && peek() != ')') {
            const std::size_t begin = at_;
            RegexNode one = piece(depth);
            node.children.push_back(repeated(std::move(one), begin));
        }
        return node.children.size() == 1 ? std::move(node.children.front()) : node;
    }

    RegexNode piece(std::size_t depth) {
        const std::size_t begin = at_;
        switch (peek()) {
            case '(':
                return group(depth);
            case '[':
                return node_of(brackets());
            case '\\':
                return escape();
            case '.': {
                ++at_;
                CharSet set;
                set.add('\n', '\n');
                set.invert();
                return node_of(std::move(set));
            }
            case '^':
                ++at_;
                return node_of(Kind::text_begin);
            case '$':
                ++at_;
                return node_of(Kind::line_end);
            case '*':
            case '+':
            case '?':
                fail("nothing to repeat", begin);
            default:
                at_ += first_character(pattern_.substr(at_)).size;
                return node_of(pattern_.substr(begin, at_ - begin));
        }
    }

    RegexNode group(std::size_t depth) {
        const std::size_t begin = at_++;
        if (take('?') && !take(':')) {
            fail("look-around, flags, comments and named groups are not supported in routes", begin);
        }
        RegexNode node = choice(depth + 1);
        if (!take(')')) fail("missing ), unterminated subpattern", begin);
        return node;
    }

    // Python refuses repeats of an edge, unless it is in a group, and of a repeat.
    RegexNode repeated(RegexNode child, std::size_t begin) {
        const auto times = quantifier();
        if (!times) return child;
        if (child.kind >= Kind::text_begin && pattern_[begin] != '(') fail("nothing to repeat", begin);
        RegexNode node = node_of(Kind::repeat);
        node.least = times->first;
        node.most = times->second;
        node.lazy = take('?');
        node.children.push_back(std::move(child));
        const std::size_t behind = at_;
        if (take('+') || quantifier()) fail("multiple repeat", behind);
        return node;
    }

    std::optional<std::pair<std::size_t, std::size_t>> quantifier() {
        if (take('*')) return std::pair(std::size_t{0}, RegexNode::kNoLimit);
        if (take('+')) return std::pair(std::size_t{1}, RegexNode::kNoLimit);
        if (take('?')) return std::pair(std::size_t{0}, std::size_t{1});
        const std::size_t begin = at_;
        if (!take('{')) return std::nullopt;
        const auto least = number();
        const bool comma = take(',');
        const auto most = comma ? number() : least;
        if (!take('}') || (!least && !comma)) {  // then a brace is one
            at_ = begin;
            return std::nullopt;
        }
        if (least.value_or(0) > kMostTimes || most.value_or(0) > kMostTimes) {
            fail("more than 1000 repeats are not supported in routes", begin);
        }
        if (most && *most < least.value_or(0)) fail("min repeat greater than max repeat", begin);
        return std::pair(least.value_or(0), most.value_or(RegexNode::kNoLimit));
    }

    std::optional<std::size_t> number() {
        const std::size_t begin = at_;
        while (syntax::is_digit(peek())) ++at_;
        const auto value = syntax::parse_digits(pattern_.substr(begin, at_ - begin));
        if (!value) return std::nullopt;
        return static_cast<std::size_t>(*value);
    }

    RegexNode escape() {
        const std::size_t begin = at_;
        const char letter = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
        const auto edge = [&](Kind kind) {
            at_ += 2;
            return node_of(kind);
        };
        if (letter == 'A') return edge(Kind::text_begin);
        if (letter == 'Z') return edge(Kind::text_end);
        if (letter == 'b') return edge(Kind::word_edge);
        if (letter == 'B') return edge(Kind::no_word_edge);
        if (letter >= '1' && letter <= '9') fail("references to groups are not supported in routes", begin);
        Item item = escaped();
        return item.set ? node_of(std::move(*item.set)) : node_of(utf8_of(item, begin));
    }

    // A character that stands there as it is is copied; one that is given by its number is encoded.
    std::string utf8_of(const Item& item, std::size_t begin) const {
        if (item.size != 0) return std::string(pattern_.substr(at_ - item.size, item.size));
        if (item.code >= 0xD800 && item.code < 0xE000) fail("no character has this number", begin);
        return utf8(item.code);
    }

    Item escaped() {
        const std::size_t begin = at_++;
        if (at_end()) fail("bad escape (end of pattern)", begin);
        const char letter = pattern_[at_];
        if (std::optional<CharSet> set = class_of(letter)) {
            ++at_;
            return {std::move(set)};
        }
        constexpr std::string_view names = "abfnrtv0";
        constexpr std::string_view values("\a\b\f\n\r\t\v\0", 8);
        if (const std::size_t i = names.find(letter); i != names.npos) {
            ++at_;
            return {std::nullopt, static_cast<unsigned char>(values[i])};
        }
        if (letter == 'x' || letter == 'u') {
            ++at_;
            return {std::nullopt, hexadecimal(letter == 'x' ? 2 : 4, begin)};
        }
        if (syntax::is_alpha(letter) || syntax::is_digit(letter)) {
            fail(std::string("bad escape \\") + letter, begin);
        }
        return plain();
    }

    static std::optional<CharSet> class_of(char letter) {
        CharSet set;
        switch (letter) {
            case 'd':
            case 'D':
                set = CharSet::digits();
                break;
            case 's':
            case 'S':
                set = CharSet::spaces();
                break;
            case 'w':
            case 'W':
                set = CharSet::words();
                break;
            default:
                return std::nullopt;
        }
        if (letter < 'a') set.invert();
        return set;
    }

    std::uint32_t hexadecimal(std::size_t digits, std::size_t begin) {
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const int digit = at_end() ? -1 : syntax::hex_digit(pattern_[at_]);
            if (digit < 0) fail("incomplete escape", begin);
            code = code * 16 + static_cast<std::uint32_t>(digit);
            ++at_;
        }
        return code;
    }

    Item plain() {
        const Character character = first_character(pattern_.substr(at_));
        at_ += character.size;
        return {std::nullopt, character.code, character.size};
    }

    CharSet brackets() {
        const std::size_t begin = at_++;
        const bool inverted = take('^');
        CharSet set;
        for (bool first = true; first || peek() != ']'; first = false) {
            if (at_end()) fail("unterminated character set", begin);
            add_item(set, begin);
        }
        ++at_;
        if (inverted) set.invert();
        return set;
    }

    void add_item(CharSet& set, std::size_t begin) {
        const std::size_t item_begin = at_;
        Item first = peek() == '\\' ? escaped() : plain();
        const bool range = peek() == '-' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
        if (!range) {
            if (first.set) {
                set.add(*first.set);
            } else {
                set.add(first.code, first.code);
            }
            return;
        }
        ++at_;
        if (at_end()) fail("unterminated character set", begin);
        const Item last = peek() == '\\' ? escaped() : plain();
        if (first.set || last.set || last.code < first.code) {
            fail("bad character range " + std::string(pattern_.substr(item_begin, at_ - item_begin)),
                 item_begin);
        }
        set.add(first.code, last.code);
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
};

}  // namespace

RegexNode parse_regex(std::string_view pattern) { return Parser(pattern).parse(); }

}  // namespace aio::web::detail
