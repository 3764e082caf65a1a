// SPDX-License-Identifier: MIT
// The servers on the streams API: where they listen.
#pragma once

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>

namespace bench {

using Connected = aio::Coro<> (*)(aio::StreamReader, aio::StreamWriter);

inline aio::Coro<> serve_streams(Connected connected, int port) {
    auto options = aio::ServerOptions().backlog(4096);
    const aio::Server server = co_await aio::start_server(connected, "127.0.0.1", port, options);
    co_await server.serve_forever();
}

}  // namespace bench
