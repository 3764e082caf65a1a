// SPDX-License-Identifier: MIT
#include <aio/transport/protocol.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <type_traits>

namespace aio::tests {
namespace {

static_assert(std::has_virtual_destructor_v<BaseProtocol>);
static_assert(!std::is_copy_constructible_v<Protocol>);
static_assert(std::is_base_of_v<BaseProtocol, Protocol>);
static_assert(std::is_base_of_v<BaseProtocol, BufferedProtocol>);
static_assert(std::is_base_of_v<BaseProtocol, DatagramProtocol>);
static_assert(std::is_abstract_v<BufferedProtocol>);

// As in asyncio every callback may be left out.
TEST(Protocol, DoesNothingByDefault) {
    Protocol protocol;
    protocol.data_received("x");
    protocol.pause_writing();
    protocol.resume_writing();
    protocol.connection_lost(nullptr);
    EXPECT_FALSE(protocol.eof_received()) << "the default closes the transport";
}

}  // namespace
}  // namespace aio::tests
