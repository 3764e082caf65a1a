// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <cstring>
#include <functional>

namespace aio::http {
namespace {

// Room for the ten to fifteen fields of a usual message.
constexpr std::size_t kFirstBlock = 768;
constexpr std::size_t kLargestBlock = std::size_t{1} << 31;
// ": " and a line break.
constexpr std::size_t kAround = 4;

void check_header_name(const HeaderName& name) {
    if (!name.is_known() && !is_token(name.text())) {
        syntax::raise_bad_text("not the name of a header field", name.text());
    }
}

/// The value as it is kept. Throws ValueError.
std::string_view checked_header_value(const HeaderName& name, std::string_view value) {
    value = syntax::trim(value);
    if (!syntax::is_field_value(value)) {
        syntax::raise_bad_text("the value of " + std::string(name.text()) + " has a control character",
                               value);
    }
    return value;
}

}  // namespace

Headers::Headers(std::initializer_list<Item> fields) {
    for (const Item& item : fields) add(item.name, item.value);
}

Headers::Headers(const Headers& other) { extend(other); }

Headers::Headers(Headers&& other) noexcept
    : block_(std::move(other.block_)),
      text_size_(std::exchange(other.text_size_, 0)),
      count_(std::exchange(other.count_, 0)) {}

Headers& Headers::operator=(const Headers& other) {
    if (this != &other) *this = Headers(other);
    return *this;
}

Headers& Headers::operator=(Headers&& other) noexcept {
    if (this == &other) return *this;
    block_ = std::move(other.block_);
    text_size_ = std::exchange(other.text_size_, 0);
    count_ = std::exchange(other.count_, 0);
    return *this;
}

Headers& Headers::add(const HeaderName& name, std::string_view value) & {
    check_header_name(name);
    append(name, checked_header_value(name, value));
    return *this;
}

Headers& Headers::set(const HeaderName& name, std::string_view value) & {
    check_header_name(name);
    value = checked_header_value(name, value);
    const std::size_t first = find(name, 0);
    if (first == count_) {
        append(name, value);
    } else if (owns(name.text()) || owns(value)) {
        // What is set is part of what moves.
        const std::string own_name(name.text());
        const std::string own_value(value);
        replace(first, own_name, own_value);
    } else {
        replace(first, name, value);
    }
    return *this;
}

std::string_view Headers::setdefault(const HeaderName& name, std::string_view value) {
    const std::size_t first = find(name, 0);
    if (first == count_) add(name, value);
    return field(first).value;
}

void Headers::extend(const Headers& other) {
    // The others may be these, whose number grows meanwhile.
    const std::uint32_t count = other.count_;
    const std::uint32_t size = other.text_size_;
    if (count == 0) return;
    const Block before = make_room(size + count * sizeof(Entry));
    std::memcpy(block_.begin() + text_size_, other.block_.begin(), size);
    for (std::uint32_t i = 0; i < count; ++i) {
        Entry& added = *entry(count_ + i);
        added = *other.entry(i);
        added.offset += text_size_;
    }
    count_ += count;
    text_size_ += size;
}

void Headers::update(const Headers& other) {
    if (this == &other) return;
    // Memory that runs out is told of before something is removed.
    make_room(other.text_size_ + other.count_ * sizeof(Entry));
    for (const Field field : other) remove(field.name);
    extend(other);
}

std::optional<std::string_view> Headers::get(const HeaderName& name) const noexcept {
    const std::size_t first = find(name, 0);
    if (first == count_) return std::nullopt;
    return field(first).value;
}

std::string_view Headers::get(const HeaderName& name, std::string_view otherwise) const noexcept {
    return get(name).value_or(otherwise);
}

std::string_view Headers::getone(const HeaderName& name) const {
    const auto value = get(name);
    if (!value) throw LookupError("there is no header field " + std::string(name.text()));
    return *value;
}

std::vector<std::string_view> Headers::getall(const HeaderName& name) const {
    std::vector<std::string_view> values;
    for (std::size_t i = find(name, 0); i != count_; i = find(name, i + 1)) values.push_back(field(i).value);
    return values;
}

bool Headers::contains_token(const HeaderName& name, std::string_view token) const noexcept {
    for (std::size_t i = find(name, 0); i != count_; i = find(name, i + 1)) {
        std::string_view rest = field(i).value;
        while (const auto element = syntax::next_element(rest)) {
            if (equal_ignoring_case(*element, token)) return true;
        }
    }
    return false;
}

std::size_t Headers::remove(const HeaderName& name) {
    if (!owns(name.text())) return remove_from(0, name);
    const std::string own_name(name.text());
    return remove_from(0, own_name);
}

std::optional<std::string> Headers::popone(const HeaderName& name) {
    const std::size_t first = find(name, 0);
    if (first == count_) return std::nullopt;
    std::string value(field(first).value);
    erase(first);
    return value;
}

std::vector<std::string> Headers::popall(const HeaderName& name) {
    const auto values = getall(name);
    std::vector<std::string> popped(values.begin(), values.end());
    remove(name);
    return popped;
}

bool operator==(const Headers& left, const Headers& right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const Headers::Field& a, const Headers::Field& b) {
                          return equal_ignoring_case(a.name, b.name) && a.value == b.value;
                      });
}

std::size_t Headers::find(const HeaderName& name, std::size_t begin) const noexcept {
    for (std::size_t i = begin; i < count_; ++i) {
        const Entry& at = *entry(i);
        if (at.hash == name.hash() &&
            equal_ignoring_case({block_.begin() + at.offset, at.name_size}, name.text())) {
            return i;
        }
    }
    return count_;
}

bool Headers::owns(std::string_view text) const noexcept {
    const std::less<const char*> before;
    return !before(text.data(), block_.begin()) && before(text.data(), block_.end());
}

Headers::Block Headers::grow(std::size_t bytes) {
    const std::size_t entries = count_ * sizeof(Entry);
    const std::size_t least = text_size_ + entries + bytes;
    if (bytes > kLargestBlock || least > kLargestBlock) throw ValueError("header fields of more than 2 GiB");
    std::size_t size = std::max({kFirstBlock, least, std::size_t{block_.size()} * 2});
    size = std::min((size + sizeof(Entry) - 1) / sizeof(Entry) * sizeof(Entry), kLargestBlock);
    Block block(static_cast<std::uint32_t>(size));
    if (block_.size() > 0) {
        std::memcpy(block.begin(), block_.begin(), text_size_);
        std::memcpy(block.end() - entries, block_.end() - entries, entries);
    }
    std::swap(block_, block);
    return block;
}

void Headers::shrink_to_fit() {
    const std::size_t entries = count_ * sizeof(Entry);
    const std::size_t size = (text_size_ + entries + sizeof(Entry) - 1) / sizeof(Entry) * sizeof(Entry);
    Block block;
    if (size == block_.size()) return;
    if (size > 0) {
        block = Block(static_cast<std::uint32_t>(size));
        std::memcpy(block.begin(), block_.begin(), text_size_);
        std::memcpy(block.end() - entries, block_.end() - entries, entries);
    }
    std::swap(block_, block);
}

void Headers::append(const HeaderName& name, std::string_view value) {
    const auto before = make_room(name.text().size() + value.size() + kAround + sizeof(Entry));
    put(name, value);
}

void Headers::append(std::span<const Field> fields) {
    std::size_t size = fields.size() * (kAround + sizeof(Entry));
    for (const Field& field : fields) size += field.name.size() + field.value.size();
    const auto before = make_room(size);
    for (const Field& field : fields) put(field.name, field.value);
}

/// There is room for it.
void Headers::put(const HeaderName& name, std::string_view value) noexcept {
    const std::size_t index = count_++;
    entry(index)->offset = text_size_;
    write_line(index, name, value);
    text_size_ += static_cast<std::uint32_t>(name.text().size() + value.size() + kAround);
}

void Headers::write_line(std::size_t index, const HeaderName& name, std::string_view value) noexcept {
    Entry& at = *entry(index);
    at.name_size = static_cast<std::uint32_t>(name.text().size());
    at.value_size = static_cast<std::uint32_t>(value.size());
    at.hash = name.hash();
    char* to = block_.begin() + at.offset;
    std::memcpy(to, name.text().data(), name.text().size());
    to += name.text().size();
    std::memcpy(to, ": ", 2);
    if (!value.empty()) std::memcpy(to + 2, value.data(), value.size());
    std::memcpy(to + 2 + value.size(), "\r\n", 2);
}

/// Makes a field's line longer or shorter; what follows moves.
void Headers::resize_line(std::size_t index, std::size_t size) {
    const std::size_t old_size = entry(index)->name_size + entry(index)->value_size + kAround;
    if (size > old_size) make_room(size - old_size);
    const std::size_t end = entry(index)->offset + old_size;
    char* const text = block_.begin();
    std::memmove(text + entry(index)->offset + size, text + end, text_size_ - end);
    const auto by =
        static_cast<std::uint32_t>(size - old_size);  // less than nothing, modulo 2^32, for a shorter one
    for (std::size_t i = index + 1; i < count_; ++i) entry(i)->offset += by;
    text_size_ += by;
}

void Headers::replace(std::size_t index, const HeaderName& name, std::string_view value) {
    resize_line(index, name.text().size() + value.size() + kAround);
    write_line(index, name, value);
    remove_from(index + 1, name);
}

/// Removes the fields of that name from `begin` on, in one pass.
std::size_t Headers::remove_from(std::size_t begin, const HeaderName& name) noexcept {
    std::size_t index = find(name, begin);
    if (index == count_) return 0;
    const std::size_t before = count_;
    std::uint32_t text_end = entry(index)->offset;
    std::size_t kept = index;
    std::size_t next = index;
    for (; index < before; ++index) {
        if (index == next) {
            next = find(name, index + 1);
            continue;
        }
        Entry moved = *entry(index);
        const std::size_t line = moved.name_size + moved.value_size + kAround;
        std::memmove(block_.begin() + text_end, block_.begin() + moved.offset, line);
        moved.offset = text_end;
        text_end += static_cast<std::uint32_t>(line);
        *entry(kept++) = moved;
    }
    text_size_ = text_end;
    count_ = static_cast<std::uint32_t>(kept);
    return before - kept;
}

void Headers::erase(std::size_t index) {
    resize_line(index, 0);
    for (std::size_t i = index; i + 1 < count_; ++i) *entry(i) = *entry(i + 1);
    --count_;
}

}  // namespace aio::http
