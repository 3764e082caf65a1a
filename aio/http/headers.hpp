// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/pool.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/header_name.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

namespace detail {
struct ParsedFields;
}

/// The fields of a message's head, in order, several of one name if need be; names are compared without
/// regard to case, and kept as they were written. Mirrors multidict.CIMultiDict.
///
/// What is set is checked: a name that is no token, or a value with a control character other than the tab
/// (so with a line break, which would begin another field), is a ValueError that says which, and nothing has
/// changed then. Spaces and tabs around a value are dropped. Views of names and values are good until the
/// next change.
///
/// Thread rule: as of std::string; one thread at a time where one of them changes it.
class Headers {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
        friend bool operator==(const Field&, const Field&) = default;
    };
    /// What a list in braces is made of: `Headers{{hdrs::HOST, "a.test"}, {"X-Mine", "1"}}`.
    struct Item {
        HeaderName name;
        std::string_view value;
    };
    class Iterator;

    Headers() noexcept = default;
    Headers(std::initializer_list<Item> fields);
    Headers(const Headers& other);
    Headers(Headers&& other) noexcept;
    Headers& operator=(const Headers& other);
    Headers& operator=(Headers&& other) noexcept;
    ~Headers() = default;

    /// One more field, behind those of the same name. Mirrors CIMultiDict.add().
    Headers& add(const HeaderName& name, std::string_view value) &;
    Headers&& add(const HeaderName& name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(add(name, value));
    }
    /// The only field of its name from now on, in the place of the first one. Mirrors headers[name] = value.
    Headers& set(const HeaderName& name, std::string_view value) &;
    Headers&& set(const HeaderName& name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(set(name, value));
    }
    /// The first value of that name; if there is none, `value` after it was added. Mirrors
    /// CIMultiDict.setdefault().
    std::string_view setdefault(const HeaderName& name, std::string_view value) AIO_LIFETIME_BOUND;
    /// Adds all fields of others. Mirrors CIMultiDict.extend().
    void extend(const Headers& other);
    /// The fields of others replace those of the same names. Mirrors CIMultiDict.update().
    void update(const Headers& other);

    /// The first value of that name. Mirrors CIMultiDict.get().
    std::optional<std::string_view> get(const HeaderName& name) const noexcept AIO_LIFETIME_BOUND;
    /// The first value of that name, or the other one.
    std::string_view get(const HeaderName& name, std::string_view otherwise) const noexcept
        AIO_LIFETIME_BOUND;
    /// The first value of that name; LookupError if there is none. Mirrors CIMultiDict.getone(),
    /// headers[name].
    std::string_view getone(const HeaderName& name) const AIO_LIFETIME_BOUND;
    /// All values of that name, maybe none. Mirrors CIMultiDict.getall(name, []).
    std::vector<std::string_view> getall(const HeaderName& name) const AIO_LIFETIME_BOUND;
    bool contains(const HeaderName& name) const noexcept { return find(name, 0) != count_; }
    /// Whether one of the elements between the commas of all fields of that name is `token`, regardless of
    /// case: how "Connection: keep-alive, Close" is asked for "close".
    bool contains_token(const HeaderName& name, std::string_view token) const noexcept;

    /// Removes all fields of that name; how many there were. Mirrors del headers[name].
    std::size_t remove(const HeaderName& name);
    /// Removes the first field of that name and gives its value. Mirrors CIMultiDict.popone(name, None).
    std::optional<std::string> popone(const HeaderName& name);
    /// Removes all fields of that name and gives their values. Mirrors CIMultiDict.popall(name, []).
    std::vector<std::string> popall(const HeaderName& name);
    /// Removes all; the memory is kept for the next ones.
    void clear() noexcept { count_ = text_size_ = 0; }
    /// Gives back the memory that is kept for more fields.
    void shrink_to_fit();

    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    Iterator begin() const noexcept AIO_LIFETIME_BOUND;
    Iterator end() const noexcept AIO_LIFETIME_BOUND;

    /// All fields as a message has them, "Name: value" and a line break each; not the empty line behind them.
    std::string_view text() const noexcept AIO_LIFETIME_BOUND { return {block_.begin(), text_size_}; }
    void append_to(std::string& out) const { out.append(text()); }

    /// The same names, regardless of case, with the same values in the same order.
    friend bool operator==(const Headers& left, const Headers& right) noexcept;

private:
    friend struct detail::ParsedFields;

    // One block holds the text as it is sent, from its beginning, and an entry for each field, from its end.
    // So the fields of a usual message are one allocation, and to send them is to copy one piece.
    //
    // There is no hash table, which somebody could fill with names that collide. A look-up compares one
    // number for each field, and reads a name only where that is the same; whatever the names are, it reads
    // the text at most once. How many fields a message may have is its parser's to say, and building n of
    // them takes time as n.
    class Block {
    public:
        Block() noexcept = default;
        explicit Block(std::uint32_t size) : begin_(static_cast<char*>(pool::allocate(size))), size_(size) {}
        Block(Block&& other) noexcept
            : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}
        Block& operator=(Block&& other) noexcept {
            std::swap(begin_, other.begin_);
            std::swap(size_, other.size_);
            return *this;
        }
        ~Block() {
            if (begin_ != nullptr) pool::deallocate(begin_, size_);
        }
        char* begin() const noexcept { return begin_; }
        char* end() const noexcept { return begin_ + size_; }
        std::uint32_t size() const noexcept { return size_; }

    private:
        char* begin_ = nullptr;
        std::uint32_t size_ = 0;
    };
    struct Entry {
        std::uint32_t offset;
        std::uint32_t name_size;
        std::uint32_t value_size;
        std::uint32_t hash;
    };

    Entry* entry(std::size_t index) const noexcept {
        void* const end = block_.end();
        return static_cast<Entry*>(end) - (index + 1);
    }
    Field field(std::size_t index) const noexcept {
        const Entry& at = *entry(index);
        const char* const name = block_.begin() + at.offset;
        return {{name, at.name_size}, {name + at.name_size + 2, at.value_size}};
    }
    std::size_t find(const HeaderName& name, std::size_t begin) const noexcept;
    bool owns(std::string_view text) const noexcept;
    /// Makes room for so many bytes more, of text and entries. Gives the block that it replaced, if it did: a
    /// caller keeps it as long as it reads a text that may be part of it.
    Block make_room(std::size_t bytes) {
        return block_.size() - text_size_ - count_ * sizeof(Entry) >= bytes ? Block() : grow(bytes);
    }
    Block grow(std::size_t bytes);
    void append(const HeaderName& name, std::string_view value);
    void append(std::span<const Field> fields);
    void put(const HeaderName& name, std::string_view value) noexcept;
    void write_line(std::size_t index, const HeaderName& name, std::string_view value) noexcept;
    void resize_line(std::size_t index, std::size_t size);
    void replace(std::size_t index, const HeaderName& name, std::string_view value);
    std::size_t remove_from(std::size_t begin, const HeaderName& name) noexcept;
    void erase(std::size_t index);

    Block block_;
    std::uint32_t text_size_ = 0;
    std::uint32_t count_ = 0;
};

/// Goes through the fields in order: `for (auto [name, value] : headers)`.
class Headers::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    using reference = Field;
    using pointer = void;

    Iterator() noexcept = default;
    Field operator*() const noexcept { return headers_->field(index_); }
    Iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    Iterator operator++(int) noexcept {
        Iterator before = *this;
        ++index_;
        return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    friend class Headers;
    Iterator(const Headers* headers, std::size_t index) noexcept : headers_(headers), index_(index) {}

    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
};

inline Headers::Iterator Headers::begin() const noexcept { return {this, 0}; }
inline Headers::Iterator Headers::end() const noexcept { return {this, count_}; }

}  // namespace aio::http
