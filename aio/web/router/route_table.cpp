// SPDX-License-Identifier: MIT
#include <aio/web/router/route_table_impl.hpp>
#include <aio/web/router/word_impl.hpp>

#include <array>
#include <cstddef>
#include <cstring>

namespace aio::web::detail {
namespace {

constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;

constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept {
    hash = (hash ^ word) * kOdd;
    return hash ^ hash >> 32;
}

constexpr std::uint64_t in_each_byte(unsigned char byte) noexcept {
    return byte * std::uint64_t{0x0101010101010101};
}

}  // namespace

// Finds ends and hashes at once, eight bytes at a time. Gives how many segments there are, `most` at most.
// The table is made by the program, so nobody from outside can choose what collides in it.
std::size_t RouteTable::mark_segments(std::string_view path, std::size_t begin, Mark* marks,
                                      std::size_t most) noexcept {
    const char* const end = path.data() + path.size();
    std::uint64_t hash = 0;
    std::size_t count = 0;
    for (const char* at = path.data() + begin; count < most;) {
        const bool whole = end - at >= 8;
        const std::uint64_t word = whole ? load_word(at) : load_word(at, static_cast<std::size_t>(end - at));
        const std::uint64_t slashes = word ^ in_each_byte('/');
        // The lowest bit that is set is that of the first slash.
        const std::uint64_t found = (slashes - in_each_byte(1)) & ~slashes & in_each_byte(0x80);
        if (found == 0 && whole) {
            hash = mixed(hash, word);
            at += 8;
            continue;
        }
        const std::ptrdiff_t size = found != 0 ? std::countr_zero(found) / 8 : end - at;
        // At most seven bytes, and in the last one how many.
        const std::uint64_t last =
            (word & ~(~std::uint64_t{0} << (8 * size))) | static_cast<std::uint64_t>(size + 1) << 56;
        hash = mixed(hash, last);
        at += size;
        marks[count++] = {hash, static_cast<std::size_t>(at - path.data())};
        if (at == end) break;
        ++at;
    }
    return count;
}

std::uint64_t RouteTable::hash_of(std::string_view path) noexcept {
    const char* const end = path.data() + path.size();
    const char* at = path.data();
    std::uint64_t hash = path.size();
    for (; end - at >= 8; at += 8) hash = mixed(hash, load_word(at));
    return mixed(hash, load_word(at, static_cast<std::size_t>(end - at)));
}

std::uint64_t RouteTable::hash_of(std::uint32_t from, const Mark& mark) noexcept {
    return from == 0 ? mark.hash : mixed(mark.hash, from);
}

std::uint32_t RouteTable::find(std::uint32_t from, const Mark& mark, std::string_view text) const noexcept {
    const std::size_t mask = entries_.size() - 1;
    const std::uint64_t hash = hash_of(from, mark);
    for (std::size_t i = hash & mask; entries_[i].from != kNone; i = (i + 1) & mask) {
        const Entry& entry = entries_[i];
        if (entry.hash == hash && entry.from == from && entry.size == text.size() &&
            std::memcmp(texts_.data() + entry.text, text.data(), text.size()) == 0) {
            return entry.to;
        }
    }
    return kNone;
}

const AbstractResource* RouteTable::plain(std::string_view path) const noexcept {
    const std::uint32_t found = find(kPlain, {hash_of(path), path.size()}, path);
    return found == kNone ? nullptr : plain_[found];
}

// The node of the longest key that the path begins with. A path without a slash at its beginning ("*", a name
// and a port) may be one of those of "/" alone.
std::uint32_t RouteTable::longest_of(std::string_view path) const noexcept {
    if (path.front() != '/') return 0;
    std::array<Mark, kUsualDepth>
        few;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next call
    std::vector<Mark> many(depth_ > kUsualDepth ? depth_ : 0);
    Mark* const marks = many.empty() ? few.data() : many.data();
    for (std::size_t i = mark_segments(path, 1, marks, depth_); i-- > 0;) {
        const std::uint32_t node = find(0, marks[i], path.substr(0, marks[i].end));
        if (node != kNone) return node;
    }
    return 0;
}

const RouteTable::List& RouteTable::chosen(const Choice& choice, std::uint32_t index,
                                           std::string_view path) const noexcept {
    std::size_t slash = choice.offset;
    for (std::size_t skip = choice.skip; skip > 0 && slash < path.size(); --skip) {
        slash = path.find('/', slash + 1);
    }
    if (slash >= path.size()) return choice.missing;
    Mark mark{};
    mark_segments(path, slash + 1, &mark, 1);
    const std::uint32_t named = find(index + 1, mark, path.substr(slash + 1, mark.end - slash - 1));
    return named == kNone ? choice.other : choice.named[named];
}

}  // namespace aio::web::detail
