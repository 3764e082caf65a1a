// SPDX-License-Identifier: MIT
#include <aio/dns/message_impl.hpp>

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

namespace aio::dns::detail {
namespace {

// Thrown and caught here.
struct Malformed {};

constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kSoa = 6;
constexpr int kMostAliases = 32;

// Reads a message from its beginning to its end; c-ares unpacks the names.
class Reader {
public:
    explicit Reader(std::span<const unsigned char> bytes) noexcept : bytes_(bytes) {}

    std::size_t position() const noexcept { return position_; }
    void skip(std::size_t count) {
        if (count > bytes_.size() - position_) throw Malformed();
        position_ += count;
    }
    std::uint32_t number(std::size_t size) {
        const unsigned char* const from = bytes_.data() + position_;
        skip(size);
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value << 8 | from[i];
        return value;
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::string name() {
        char* text = nullptr;
        long size = 0;
        const int error = ::ares_expand_name(bytes_.data() + position_, bytes_.data(),
                                             static_cast<int>(bytes_.size()), &text, &size);
        if (error == ARES_ENOMEM) throw std::bad_alloc();
        if (error != ARES_SUCCESS) throw Malformed();
        const std::unique_ptr<char, void (*)(void*)> owner(text, ::ares_free_string);
        skip(static_cast<std::size_t>(size));
        return text;
    }
    std::string address(int family, std::size_t size) {
        const unsigned char* const from = bytes_.data() + position_;
        skip(size);
        std::array<char, INET6_ADDRSTRLEN> text{};
        return ::inet_ntop(family, from, text.data(), text.size());
    }
    // Of several pieces, each behind its length, as one.
    std::string text(std::size_t end) {
        std::string all;
        while (position_ < end) {
            const std::size_t size = number(1);
            const auto* const from = reinterpret_cast<const char*>(bytes_.data() + position_);
            skip(size);
            all.append(from, size);
        }
        return all;
    }

private:
    std::span<const unsigned char> bytes_;
    std::size_t position_ = 0;
};

// Whether it is of a known kind.
bool read_value(Reader& reader, Record& record, std::size_t size) {
    switch (record.type) {
        case Type::A:
            if (size != sizeof(in_addr)) throw Malformed();
            record.value = reader.address(AF_INET, size);
            return true;
        case Type::AAAA:
            if (size != sizeof(in6_addr)) throw Malformed();
            record.value = reader.address(AF_INET6, size);
            return true;
        case Type::TXT:
            record.value = reader.text(reader.position() + size);
            return true;
        case Type::SRV:
            record.priority = reader.u16();
            record.weight = reader.u16();
            record.port = reader.u16();
            record.value = reader.name();
            return true;
        case Type::MX:
            record.priority = reader.u16();
            [[fallthrough]];
        case Type::NS:
        case Type::CNAME:
        case Type::PTR:
            record.value = reader.name();
            return true;
    }
    return false;
}

struct Head {
    Record record;
    std::uint16_t type;
    bool internet;
    std::size_t size;
};

Head read_head(Reader& reader) {
    Record record;
    record.name = reader.name();
    const std::uint16_t type = reader.u16();
    const bool internet = reader.u16() == kInternet;
    const std::uint32_t ttl = reader.number(4);
    record.type = Type{type};
    record.ttl = std::chrono::seconds(ttl > 0x7fffffff ? 0 : ttl);  // RFC 2181
    const std::size_t size = reader.u16();
    return {std::move(record), type, internet, size};
}

void read_answers(Reader& reader, unsigned count, Message& message) {
    for (; count > 0; --count) {
        Head head = read_head(reader);
        const std::size_t end = reader.position() + head.size;
        if (head.internet && read_value(reader, head.record, head.size)) {
            if (reader.position() != end) throw Malformed();
            message.records.push_back(std::move(head.record));
        } else {
            reader.skip(head.size);
        }
    }
}

void read_authorities(Reader& reader, unsigned count, Message& message) {
    for (; count > 0; --count) {
        const Head head = read_head(reader);
        if (head.type != kSoa) {
            reader.skip(head.size);
            continue;
        }
        reader.name();
        reader.name();
        reader.skip(16);
        const std::uint32_t minimum = reader.number(4);
        message.negative_ttl = std::min(head.record.ttl, std::chrono::seconds(minimum));
    }
}

const Record* alias_of(const Message& message, const std::string& name) {
    const auto found = std::find_if(
        message.records.begin(), message.records.end(),
        [&](const Record& record) { return record.type == Type::CNAME && lower(record.name) == name; });
    return found == message.records.end() ? nullptr : &*found;
}

}  // namespace

std::string lower(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::optional<Message> parse_message(std::span<const unsigned char> bytes) {
    try {
        Reader reader(bytes);
        reader.skip(4);  // c-ares has looked at them
        const unsigned questions = reader.u16();
        const unsigned answers = reader.u16();
        const unsigned authorities = reader.u16();
        reader.skip(2);
        for (unsigned i = 0; i < questions; ++i) {
            reader.name();
            reader.skip(4);
        }
        Message message;
        read_answers(reader, answers, message);
        read_authorities(reader, authorities, message);
        return message;
    } catch (const Malformed&) {
        return std::nullopt;
    }
}

std::optional<Answer> select_answer(const Message& message, const std::string& name, Type type) {
    Answer answer;
    answer.name = lower(name);
    answer.ttl = (std::chrono::seconds::max)();
    for (int aliases = 0; type != Type::CNAME; ++aliases) {
        const Record* const alias = alias_of(message, answer.name);
        if (!alias) break;
        if (aliases == kMostAliases) return std::nullopt;
        answer.ttl = std::min(answer.ttl, alias->ttl);
        answer.name = lower(alias->value);
    }
    for (const Record& record : message.records) {
        if (record.type != type || lower(record.name) != answer.name) continue;
        answer.ttl = std::min(answer.ttl, record.ttl);
        answer.records.push_back(record);
    }
    return answer;
}

}  // namespace aio::dns::detail
