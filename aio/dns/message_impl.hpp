// SPDX-License-Identifier: MIT
#pragma once

#include <aio/dns/record.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::dns::detail {

/// A name server's message, as far as it is of use.
struct Message {
    std::vector<Record> records;  ///< the answer section, without kinds that are not known
    /// How long it is true that there is nothing (RFC 2308): what the SOA in the authority section says.
    std::optional<std::chrono::seconds> negative_ttl;
};

/// What a message says about one question.
struct Answer {
    std::vector<Record> records;
    std::string name;  ///< what the name asked for stands for
    std::chrono::seconds ttl{0};
};

/// Nothing for what is no message.
std::optional<Message> parse_message(std::span<const unsigned char> bytes);

/// The records of `type` that `name` has, through its aliases. Nothing for aliases that go in circles.
std::optional<Answer> select_answer(const Message& message, const std::string& name, Type type);

/// Names are the same in capital letters (ASCII ones, as DNS has it).
std::string lower(std::string_view name);

}  // namespace aio::dns::detail
