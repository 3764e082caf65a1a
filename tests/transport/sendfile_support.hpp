// SPDX-License-Identifier: MIT
#pragma once

#include <support/connection_kinds.hpp>
#include <support/turns.hpp>

#include <aio/net/socket_transport.hpp>
#include <aio/transport/sendfile.hpp>

#include <optional>
#include <string>
#include <utility>

namespace aio::tests {

/// A connection over a socket, and its peer.
class Sendfile : public ::testing::Test, public aio::testing::LoopTest {
protected:
    // Over a socket itself, whatever else the loop's connections have.
    Coro<> connect(int buffer = 0) {
        auto [ours, theirs] = socket_pair(buffer);
        peer = std::move(theirs);
        const StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        const Ref<Transport> transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        streams.emplace(reader, StreamWriter(*transport, protocol, reader));
    }
    StreamWriter& writer() { return streams->second; }
    Coro<std::string> received(std::size_t size) { return read_size(peer.fileno(), size); }
    void TearDown() override {
        EXPECT_TRUE(reports().empty());
        streams.reset();
    }

    Socket peer;
    std::optional<StreamPair> streams;
};

}  // namespace aio::tests
