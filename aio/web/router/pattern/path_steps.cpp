// SPDX-License-Identifier: MIT
#include <aio/web/router/pattern/path_pattern_impl.hpp>

#include <algorithm>
#include <cstring>

namespace aio::web::detail {
namespace {

using Kind = RegexNode::Kind;

std::size_t index_of(char c) noexcept { return static_cast<unsigned char>(c); }

}  // namespace

// False if what a variable may be is not just texts and runs, or it is not known where a run ends.
bool PathPattern::compile_steps() {
    steps_.clear();
    step_texts_.clear();
    bytes_.clear();
    if (nodes_.size() > 1000) return false;
    add_text(texts_.front());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const std::size_t first = steps_.size();
        if (!add_steps(nodes_[i]) || steps_.size() == first) return false;
        steps_[first].begins = static_cast<std::int16_t>(i);
        steps_.back().ends = static_cast<std::int16_t>(i);
        add_text(texts_[i + 1]);
    }
    return settle_ends();
}

void PathPattern::add_text(std::string_view text) {
    if (text.empty()) return;
    Step& step = steps_.emplace_back();
    step.text = static_cast<std::uint32_t>(step_texts_.size());
    step.size = static_cast<std::uint32_t>(text.size());
    step_texts_ += text;
}

bool PathPattern::add_steps(const RegexNode& node) {
    switch (node.kind) {
        case Kind::text:
            add_text(node.text);
            return true;
        case Kind::set:
            return add_run(node, 1, 1);
        case Kind::repeat:
            return node.children.front().kind == Kind::set &&
                   add_run(node.children.front(), node.least, node.most);
        case Kind::sequence:
            return std::all_of(node.children.begin(), node.children.end(),
                               [this](const RegexNode& child) { return add_steps(child); });
        default:
            return false;
    }
}

bool PathPattern::add_run(const RegexNode& node, std::size_t least, std::size_t most) {
    bytes_.push_back(std::make_unique<Bytes>());
    Bytes& bytes = *bytes_.back();
    for (std::uint32_t code = 0; code < 0x80; ++code) bytes[code] = node.set.has(code);
    Step& step = steps_.emplace_back();
    step.bytes = &bytes;
    step.least = static_cast<std::uint32_t>(least);
    step.most = most == RegexNode::kNoLimit ? kOpen : static_cast<std::uint32_t>(most);
    const CharSet::Beyond beyond = node.set.beyond();
    const bool counts = least > 1 || most != RegexNode::kNoLimit;
    step.only_ascii = beyond == CharSet::Beyond::some || (beyond == CharSet::Beyond::everything && counts);
    std::fill(bytes.begin() + 0x80, bytes.end(), beyond == CharSet::Beyond::everything);
    return true;
}

// From the end: how many bytes follow each run, or that none of those which may follow it belongs to it.
bool PathPattern::settle_ends() {
    std::uint32_t rest = 0;
    Bytes following{};  // the bytes that what follows may begin with
    for (std::size_t i = steps_.size(); i-- > 0;) {
        Step& step = steps_[i];
        if (step.bytes == nullptr) {
            following.fill(false);
            following[index_of(step_texts_[step.text])] = true;
            if (rest != kOpen) rest += step.size;
            continue;
        }
        step.rest = rest;
        const bool fixed = step.least == step.most;
        bool meet = false;
        for (std::size_t byte = 0; byte < following.size(); ++byte) {
            meet = meet || ((*step.bytes)[byte] && following[byte]);
            following[byte] = (*step.bytes)[byte] || (step.least == 0 && following[byte]) ||
                              (step.only_ascii && byte >= 0x80);
        }
        if (rest == kOpen && !fixed && meet) return false;
        // Bytes beyond ASCII, of which the program decides, may be several to a character.
        rest = fixed && rest != kOpen && !step.only_ascii ? rest + step.least : kOpen;
    }
    return true;
}

PathPattern::Verdict PathPattern::match_run(const Step& step, std::string_view path, std::size_t& at) {
    std::size_t end = path.size();
    if (step.rest != kOpen) {
        if (path.size() - at < step.rest) return Verdict::fails;
        end -= step.rest;
    }
    const std::size_t most = end - at > step.most ? at + step.most : end;
    const Bytes& bytes = *step.bytes;
    std::size_t i = at;
    while (i != most && bytes[index_of(path[i])]) ++i;
    if (step.only_ascii) {
        const auto seen = path.substr(at, i + 1 - at);
        if (std::any_of(seen.begin(), seen.end(), [](char c) { return index_of(c) >= 0x80; })) {
            return Verdict::undecided;
        }
    }
    if (i - at < step.least || (step.rest != kOpen && i != end)) return Verdict::fails;
    at = i;
    return Verdict::fits;
}

// The first step is a text, which begins with what is known.
PathPattern::Verdict PathPattern::match_steps(std::string_view path, PathSpan* values,
                                              std::size_t known) const {
    if (steps_.empty()) return Verdict::undecided;
    std::size_t at = known;
    for (const Step& step : steps_) {
        if (step.begins >= 0) values[step.begins].begin = static_cast<std::uint32_t>(at);
        if (step.bytes == nullptr) {
            const std::size_t size = step.size - known;
            if (path.size() - at < size) return Verdict::fails;
            if (std::memcmp(path.data() + at, step_texts_.data() + step.text + known, size) != 0) {
                return Verdict::fails;
            }
            at += size;
            known = 0;
        } else if (const Verdict verdict = match_run(step, path, at); verdict != Verdict::fits) {
            return verdict;
        }
        if (step.ends >= 0) values[step.ends].end = static_cast<std::uint32_t>(at);
    }
    return at == path.size() ? Verdict::fits : Verdict::fails;
}

}  // namespace aio::web::detail
