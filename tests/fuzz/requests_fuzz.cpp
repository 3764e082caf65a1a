// SPDX-License-Identifier: MIT
// Requests: however they are cut the outcome is the same, and nothing breaks out of a field.
#include <aio/http/parser.hpp>

#include "fuzz/fuzz.hpp"
#include "fuzz/messages.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    aio::tests::try_messages<aio::http::RequestParser>(aio::tests::text_of(data, size), nullptr);
    return 0;
}
