// SPDX-License-Identifier: MIT
// Requests: however they are cut the outcome is the same, also for a parser that knows the head before, and
// nothing breaks out of a field.
#include <aio/http/parser.hpp>

#include "fuzz/fuzz.hpp"
#include "fuzz/messages.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const auto text = text_of(data, size);
    const std::string told = try_messages<aio::http::RequestParser>(text, nullptr);
    require(try_messages<KeepingRequestParser>(text, nullptr) == told,
            "what is known of the head before changes nothing");
    return 0;
}
