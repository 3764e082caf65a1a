// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/router/pattern/path_shape_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::web {
class AbstractResource;
}

namespace aio::web::detail {

/// The resources of a router by the path under which each is looked for, its key.
///
/// A look-up asks for the whole path, then for the path without its last segment, and so on to "/", as
/// aiohttp does. It reads the path once, no further than the key with the most segments, and notes a number
/// at the end of each segment; so a path of many segments costs no more than a short one.
///
/// Where many resources have one key, as all of "/repos/{owner}/{name}/...", a choice by the
/// text of one of the segments that follow leaves those out which cannot have the path. The others keep their
/// order.
///
/// Most requests are for paths without variables: these have a table of their own, which is asked first.
class RouteTable {
public:
    /// Those of the same key are met in this order.
    explicit RouteTable(const std::vector<AbstractResource*>& resources);

    /// The resource that comes first of those that have this path, if it has no other; else none.
    const AbstractResource* plain(std::string_view path) const noexcept;

    /// Calls `visit(resource)` for those that may have the path, until it gives true; gives whether it did.
    template <class Visit>
    bool visit(std::string_view path, Visit&& visit) const {
        if (path.empty()) return false;
        for (std::uint32_t node = longest_of(path); node != kNone; node = nodes_[node].up) {
            const List list = list_of(nodes_[node].list, path);
            for (std::uint32_t i = list.begin; i != list.end; ++i) {
                if (visit(*resources_[i])) return true;
            }
        }
        return false;
    }

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr std::uint32_t kPlain = kNone - 1;

    // Some of `resources_`, or what is to be asked first.
    struct List {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        std::uint32_t choice = kNone;
    };
    struct Node {
        List list;
        std::uint32_t up = kNone;  // that of the next shorter key
    };
    struct Choice {
        std::size_t offset;  // of the slash before the first segment that it counts
        std::size_t skip;    // so many segments come before the one that is looked at
        List other;          // for texts that nobody has
        List missing;        // for paths without that segment
        std::vector<List> named;
    };
    // A key and its node, a text of a choice and the number of its list, or a path without variables and the
    // number of its resource: a place of an open hash table, which is at least half empty.
    struct Entry {
        std::uint64_t hash = 0;
        std::uint32_t from = kNone;  // 0 for keys, kPlain for paths, else one more than the choice
        std::uint32_t to = kNone;
        std::uint32_t text = 0;
        std::uint32_t size = 0;
    };
    // The end of a segment, and the number of all before it.
    struct Mark {
        std::uint64_t hash;
        std::size_t end;
    };
    static constexpr std::size_t kUsualDepth = 16;

    // What has one key, while the table is made.
    struct Candidate {
        const AbstractResource* resource;
        PathShape shape;
    };
    using Candidates = std::vector<const Candidate*>;
    struct Split;

    static std::uint64_t hash_of(std::string_view path) noexcept;
    static std::size_t mark_segments(std::string_view path, std::size_t begin, Mark* marks,
                                     std::size_t most) noexcept;
    static std::uint64_t hash_of(std::uint32_t from, const Mark& mark) noexcept;
    std::uint32_t find(std::uint32_t from, const Mark& mark, std::string_view text) const noexcept;
    std::uint32_t longest_of(std::string_view path) const noexcept;
    List list_of(List list, std::string_view path) const noexcept {
        while (list.choice != kNone) list = chosen(choices_[list.choice], list.choice, path);
        return list;
    }
    const List& chosen(const Choice& choice, std::uint32_t index, std::string_view path) const noexcept;

    void add_plain(const Candidates& candidates);
    void put(const Entry& entry);
    void add_entry(std::uint32_t from, std::string_view text, std::uint32_t to);
    List add_list(const Candidates& candidates, std::size_t offset, std::size_t depth, std::size_t tried);
    static std::optional<Split> split(const Candidates& candidates, std::size_t position);

    std::vector<Node> nodes_;
    std::vector<Choice> choices_;
    std::vector<Entry> entries_;
    std::vector<const AbstractResource*> plain_;
    std::vector<const AbstractResource*> resources_;
    std::string texts_;
    std::size_t entry_count_ = 0;
    std::size_t depth_ = 0;  // the most segments that a key has
};

}  // namespace aio::web::detail
