// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/router/pattern/regex_program_impl.hpp>

#include <algorithm>

namespace aio::web::detail {
namespace {

using Kind = RegexNode::Kind;
using Op = RegexProgram::Op;

constexpr std::size_t kMostInstructions = 4000;

bool is_word(std::uint32_t code) {
    static const CharSet words = CharSet::words();
    return words.has(code);
}

bool is_word_before(std::string_view text, std::size_t at) {
    if (at == 0) return false;
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    const Character before = first_character(text.substr(begin, at - begin));
    return before.size == at - begin && is_word(before.code);
}

bool is_edge(Kind kind, std::string_view text, std::size_t at) {
    switch (kind) {
        case Kind::text_begin:
            return at == 0;
        case Kind::text_end:
            return at == text.size();
        case Kind::line_end:
            return at == text.size() || (at + 1 == text.size() && text[at] == '\n');
        default: {
            const bool after = at < text.size() && is_word(first_character(text.substr(at)).code);
            return (is_word_before(text, at) != after) == (kind == Kind::word_edge);
        }
    }
}

// What matching needs beside the program; kept by each thread, so that a match does not allocate.
struct Memory {
    struct Entry {
        std::uint32_t instruction;  // or kRestore
        std::uint32_t at;           // or a slot
        std::uint32_t old;          // what was in the slot
    };
    static constexpr std::uint32_t kRestore = ~std::uint32_t{0};
    static constexpr std::size_t kMostKept = 64 << 10;

    std::vector<Entry> stack;
    std::vector<std::uint64_t> visited;
    std::vector<std::uint32_t> slots;

    void give_back_much() {
        if (visited.capacity() * sizeof(visited[0]) > kMostKept) std::vector<std::uint64_t>().swap(visited);
        if (stack.capacity() * sizeof(stack[0]) > kMostKept) std::vector<Entry>().swap(stack);
    }
};

Memory& memory() {
    static thread_local Memory memory;
    return memory;
}

}  // namespace

class RegexCompiler {
public:
    explicit RegexCompiler(RegexProgram& program) : program_(program) {}

    void compile(const RegexNode& node) {
        add(node);
        emit(Op::match);
    }

private:
    using Instruction = RegexProgram::Instruction;

    std::uint32_t here() const noexcept { return static_cast<std::uint32_t>(program_.code_.size()); }
    Instruction& at(std::uint32_t index) noexcept { return program_.code_[index]; }
    std::uint32_t emit(Op op, std::uint32_t first = 0) {
        if (program_.code_.size() == kMostInstructions) throw ValueError("it is too large");
        program_.code_.push_back({op, first});
        return here() - 1;
    }

    void add(const RegexNode& node) {
        switch (node.kind) {
            case Kind::sequence:
                for (const RegexNode& child : node.children) add(child);
                return;
            case Kind::choice:
                return add_choice(node);
            case Kind::repeat:
                return add_repeat(node);
            case Kind::text:
                for (const char c : node.text) emit(Op::byte, static_cast<unsigned char>(c));
                return;
            case Kind::set:
                emit(Op::set, static_cast<std::uint32_t>(program_.sets_.size()));
                program_.sets_.push_back(node.set);
                return;
            case Kind::variable: {
                const auto slot = static_cast<std::uint32_t>(2 * program_.variables_++);
                emit(Op::save, slot);
                add(node.children.front());
                emit(Op::save, slot + 1);
                return;
            }
            default:
                emit(Op::edge, static_cast<std::uint32_t>(node.kind));
        }
    }

    void add_choice(const RegexNode& node) {
        std::vector<std::uint32_t> ends;
        for (std::size_t i = 0; i + 1 < node.children.size(); ++i) {
            const std::uint32_t split = emit(Op::split, here() + 1);
            add(node.children[i]);
            ends.push_back(emit(Op::jump));
            at(split).second = here();
        }
        add(node.children.back());
        for (const std::uint32_t end : ends) at(end).first = here();
    }

    // x{2,4} is x x (x (x)?)?, x{2,} is x x x*
    void add_repeat(const RegexNode& node) {
        const RegexNode& child = node.children.front();
        for (std::size_t i = 0; i < node.least; ++i) add(child);
        std::vector<std::uint32_t> splits;
        if (node.most == RegexNode::kNoLimit) {
            splits.push_back(emit(Op::split));
            add(child);
            const std::uint32_t again = emit(Op::again, splits.front());
            at(again).second = again + 1;
        }
        for (std::size_t i = node.least; node.most != RegexNode::kNoLimit && i < node.most; ++i) {
            splits.push_back(emit(Op::split));
            add(child);
        }
        for (const std::uint32_t split : splits) {
            at(split).first = node.lazy ? here() : split + 1;
            at(split).second = node.lazy ? split + 1 : here();
        }
    }

    RegexProgram& program_;
};

namespace {

class Run {
public:
    Run(const std::vector<RegexProgram::Instruction>& code, const std::vector<CharSet>& sets,
        std::string_view text, std::size_t variables)
        : code_(code), sets_(sets), text_(text), memory_(memory()) {
        memory_.visited.assign((code.size() * (text.size() + 1) + 63) / 64, 0);
        memory_.slots.assign(2 * variables, 0);
        memory_.stack.clear();
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() { memory_.give_back_much(); }

    bool match() {
        memory_.stack.push_back({0, 0, 0});
        while (!memory_.stack.empty()) {
            const Memory::Entry entry = memory_.stack.back();
            memory_.stack.pop_back();
            if (entry.instruction == Memory::kRestore) {
                memory_.slots[entry.at] = entry.old;
            } else if (follow(entry.instruction, entry.at)) {
                return true;
            }
        }
        return false;
    }

    PathSpan value(std::size_t i) const { return {memory_.slots[2 * i], memory_.slots[2 * i + 1]}; }

private:
    bool visited(std::uint32_t instruction, std::uint32_t at) const {
        const std::size_t bit = instruction * (text_.size() + 1) + at;
        return (memory_.visited[bit / 64] >> (bit % 64) & 1) != 0;
    }

    bool first_visit(std::uint32_t instruction, std::uint32_t at) {
        const std::size_t bit = instruction * (text_.size() + 1) + at;
        std::uint64_t& word = memory_.visited[bit / 64];
        const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
        if ((word & mask) != 0) return false;
        word |= mask;
        return true;
    }

    // From there until it fits no more; what else could be tried is left on the stack.
    bool follow(std::uint32_t next, std::uint32_t at) {
        while (first_visit(next, at)) {
            const RegexProgram::Instruction& now = code_[next++];
            switch (now.op) {
                case Op::byte:
                    if (at == text_.size() || static_cast<unsigned char>(text_[at]) != now.first)
                        return false;
                    ++at;
                    break;
                case Op::set: {
                    if (at == text_.size()) return false;
                    const Character character = first_character(text_.substr(at));
                    if (!sets_[now.first].has(character.code)) return false;
                    at += static_cast<std::uint32_t>(character.size);
                    break;
                }
                case Op::split:
                    memory_.stack.push_back({now.second, at, 0});
                    next = now.first;
                    break;
                case Op::jump:
                    next = now.first;
                    break;
                case Op::again:  // after a turn that took nothing there is no further one
                    next = visited(now.first, at) ? now.second : now.first;
                    break;
                case Op::save:
                    memory_.stack.push_back({Memory::kRestore, now.first, memory_.slots[now.first]});
                    memory_.slots[now.first] = at;
                    break;
                case Op::edge:
                    if (!is_edge(static_cast<Kind>(now.first), text_, at)) return false;
                    break;
                case Op::match:
                    return at == text_.size();
            }
        }
        return false;
    }

    const std::vector<RegexProgram::Instruction>& code_;
    const std::vector<CharSet>& sets_;
    std::string_view text_;
    Memory& memory_;
};

}  // namespace

RegexProgram::RegexProgram(const RegexNode& node, std::size_t variables) {
    RegexCompiler(*this).compile(node);
    variables_ = variables;
}

bool RegexProgram::match(std::string_view text, PathSpan* values) const {
    Run run(code_, sets_, text, variables_);
    if (!run.match()) return false;
    for (std::size_t i = 0; i < variables_; ++i) values[i] = run.value(i);
    return true;
}

}  // namespace aio::web::detail
