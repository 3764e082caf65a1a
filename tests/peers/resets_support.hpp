// SPDX-License-Identifier: MIT
#pragma once

#include <peers/echo_service.hpp>
#include <streams/streams_support.hpp>

#include <aio/base/pool.hpp>

#include <gtest/gtest.h>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

/// A server whose clients leave with a reset, and a client whose server does. After each nothing is left.
class Resets : public StreamsTest, public EchoService {
protected:
    static void reset(Socket socket) { reset_on_close(socket.fileno()); }

    /// Clients that say a part of `says` and leave with a reset, so early that nobody has accepted them, or
    /// later. After each round no connection, task or timer is left, after all of them no memory either.
    Coro<> leave_everywhere(Server server, std::string says) {
        const SocketAddress address = address_of(server);
        const std::size_t parts[] = {0, 1, says.size() / 2, says.size()};
        const auto once = [&]() -> Coro<> {
            for (const std::size_t part : parts) {
                for (const int later : {0, 1, 2, 3, 10}) {
                    Socket client = connected_socket(address);
                    if (part > 0) write_text(client.fileno(), says.substr(0, part));
                    co_await turns(later);
                    reset(std::move(client));
                }
            }
            co_await until([&] {
                const EventLoop::Stats left = loop().stats();
                return clients == 0 && left.descriptors == 1 && left.tasks == 1 && left.timers == 0;
            });
        };
        co_await once();  // what is kept for the next one is there
        const auto blocks = pool::stats().live_blocks;
        const int open = open_descriptors();
        for (int i = 0; i < 10; ++i) co_await once();
        EXPECT_EQ(pool::stats().live_blocks, blocks);
        EXPECT_EQ(open_descriptors(), open);
        EXPECT_EQ(reports(), std::vector<std::string>());
    }
};

}  // namespace aio::tests
