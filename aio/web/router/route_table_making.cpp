// SPDX-License-Identifier: MIT
#include <aio/web/router/resource.hpp>
#include <aio/web/router/route_table_impl.hpp>

#include <algorithm>
#include <map>
#include <string>

namespace aio::web::detail {
namespace {

constexpr std::size_t kFew = 4;            // so many are asked one after the other
constexpr std::size_t kMostPositions = 8;  // segments behind the node's that are looked at
constexpr std::size_t kMostCopies = 4;     // how often a resource may be in the lists of a choice, on average

}  // namespace

// Candidates by the text of one segment. Those of which it varies, or is not known, are in all of them.
struct RouteTable::Split {
    std::map<std::string, Candidates> named;
    Candidates other;
    Candidates missing;

    std::size_t largest() const {
        std::size_t size = std::max(other.size(), missing.size());
        for (const auto& [text, list] : named) size = std::max(size, list.size());
        return size;
    }
};

void RouteTable::put(const Entry& entry) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t i = entry.hash & mask;
    while (entries_[i].from != kNone) i = (i + 1) & mask;
    entries_[i] = entry;
}

// A key begins with a slash; the text of a choice is one segment.
void RouteTable::add_entry(std::uint32_t from, std::string_view text, std::uint32_t to) {
    if (2 * ++entry_count_ > entries_.size()) {
        std::vector<Entry> old(2 * entries_.size());
        old.swap(entries_);
        for (const Entry& entry : old) {
            if (entry.from != kNone) put(entry);
        }
    }
    Mark whole{hash_of(text), text.size()};
    if (from != kPlain) {
        std::vector<Mark> marks(text.size() + 1);
        const std::size_t count = mark_segments(text, from == 0 ? 1 : 0, marks.data(), marks.size());
        if (from == 0) depth_ = std::max(depth_, count);
        whole = marks[count - 1];
    }
    const auto begin = static_cast<std::uint32_t>(texts_.size());
    texts_ += text;
    put({hash_of(from, whole), from, to, begin, static_cast<std::uint32_t>(text.size())});
}

// Of one key. One with variables, or of a sub-application, may have the paths of those that come later.
void RouteTable::add_plain(const Candidates& candidates) {
    for (const Candidate* one : candidates) {
        if (dynamic_cast<const PlainResource*>(one->resource) == nullptr) return;
        const std::string path = one->resource->index_key();
        if (plain(path) != nullptr) continue;
        add_entry(kPlain, path, static_cast<std::uint32_t>(plain_.size()));
        plain_.push_back(one->resource);
    }
}

// Nothing if there would be too many copies.
std::optional<RouteTable::Split> RouteTable::split(const Candidates& candidates, std::size_t position) {
    const auto knows = [position](const Candidate& one) { return position < one.shape.segments.size(); };
    const auto has_text = [&](const Candidate& one) {
        return knows(one) && one.shape.segments[position].has_value();
    };
    Split split;
    std::size_t in_all = 0;
    for (const Candidate* one : candidates) {
        if (has_text(*one)) {
            split.named[*one->shape.segments[position]];
        } else {
            ++in_all;
        }
    }
    if (in_all * (split.named.size() + 1) > kMostCopies * candidates.size()) return std::nullopt;
    for (const Candidate* one : candidates) {
        if (has_text(*one)) {
            split.named[*one->shape.segments[position]].push_back(one);
            continue;
        }
        if (!knows(*one)) split.missing.push_back(one);
        if (!knows(*one) && !one->shape.open) continue;
        for (auto& [text, list] : split.named) list.push_back(one);
        split.other.push_back(one);
    }
    return split;
}

// `offset` and `depth` are size and segments of the key; `tried` are the positions that were chosen by
// already, as bits.
RouteTable::List RouteTable::add_list(const Candidates& candidates, std::size_t offset, std::size_t depth,
                                      std::size_t tried) {
    std::optional<Split> best;
    std::size_t position = 0;
    for (std::size_t i = 0; i < kMostPositions && candidates.size() > kFew; ++i) {
        if ((tried >> i & 1) != 0) continue;
        std::optional<Split> other = split(candidates, depth + i);
        if (!other || other->largest() >= (best ? best->largest() : candidates.size())) continue;
        best = std::move(other);
        position = i;
    }
    List list;
    if (!best) {
        list.begin = static_cast<std::uint32_t>(resources_.size());
        for (const Candidate* one : candidates) resources_.push_back(one->resource);
        list.end = static_cast<std::uint32_t>(resources_.size());
        return list;
    }
    tried |= std::size_t{1} << position;
    Choice choice{offset,
                  position,
                  add_list(best->other, offset, depth, tried),
                  add_list(best->missing, offset, depth, tried),
                  {}};
    for (const auto& [text, named] : best->named) {
        choice.named.push_back(add_list(named, offset, depth, tried));
    }
    list.choice = static_cast<std::uint32_t>(choices_.size());
    choices_.push_back(std::move(choice));
    std::uint32_t number = 0;
    for (const auto& [text, named] : best->named) add_entry(list.choice + 1, text, number++);
    return list;
}

RouteTable::RouteTable(const std::vector<AbstractResource*>& resources) : nodes_(1), entries_(8) {
    std::map<std::string, std::vector<Candidate>> by_key;
    for (const AbstractResource* resource : resources) {
        std::string key = resource->index_key();
        while (key.ends_with('/')) key.pop_back();
        by_key[key].push_back({resource, resource->shape()});
    }
    std::map<std::string_view, std::uint32_t> nodes;
    for (const auto& [key, all] : by_key) {
        Candidates candidates;
        for (const Candidate& one : all) candidates.push_back(&one);
        add_plain(candidates);
        const auto depth = static_cast<std::size_t>(std::count(key.begin(), key.end(), '/'));
        const List list = add_list(candidates, key.size(), depth, 0);
        if (key.empty()) {
            nodes_[0].list = list;
            continue;
        }
        // Shorter keys come before those that begin with them.
        std::uint32_t up = 0;
        for (std::size_t slash = key.rfind('/'); slash > 0 && up == 0; slash = key.rfind('/', slash - 1)) {
            const auto shorter = nodes.find(std::string_view(key).substr(0, slash));
            if (shorter != nodes.end()) up = shorter->second;
        }
        const auto node = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({list, up});
        nodes.emplace(key, node);
        add_entry(0, key, node);
    }
}

}  // namespace aio::web::detail
