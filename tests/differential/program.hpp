// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aio::differential {

/// A word or a list: what the programs of the differential test are made of (programs.py).
struct Node {
    std::string word;  ///< empty for a list
    std::vector<Node> items;

    bool is_word() const noexcept { return !word.empty(); }
    /// The word at a place of a list.
    const std::string& text(std::size_t place) const { return items.at(place).word; }
    /// The list among the items that begins with `name`, or null.
    const Node* clause(std::string_view name) const {
        for (const Node& item : items) {
            if (!item.items.empty() && item.items[0].word == name) return &item;
        }
        return nullptr;
    }
};

/// Reads one node, moving `text` behind it. The text is render()'s, so it is not checked.
inline Node parse(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    Node node;
    if (!text.starts_with('(')) {
        const std::size_t end = text.find_first_of(" ()");
        node.word = text.substr(0, end);
        text.remove_prefix(node.word.size());
        return node;
    }
    text.remove_prefix(1);
    while (true) {
        while (text.starts_with(' ')) text.remove_prefix(1);
        if (text.empty() || text.starts_with(')')) break;
        node.items.push_back(parse(text));
    }
    if (!text.empty()) text.remove_prefix(1);
    return node;
}

}  // namespace aio::differential
