// SPDX-License-Identifier: MIT
// Responses, to GET, HEAD and CONNECT: however they are cut the outcome is the same.
#include <aio/http/parser.hpp>

#include "fuzz/fuzz.hpp"
#include "fuzz/messages.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const char* const method : {"GET", "HEAD", "CONNECT"}) {
        aio::tests::try_messages<aio::http::ResponseParser>(aio::tests::text_of(data, size), method);
    }
    return 0;
}
