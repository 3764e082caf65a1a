// SPDX-License-Identifier: MIT
// The servers on the streams API: where they listen.
#pragma once

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>

#include <cstdlib>
#include <string>

namespace bench {

using Connected = aio::Coro<> (*)(aio::StreamReader, aio::StreamWriter);

/// `where`: PORT, or @NAME, a Unix socket with an abstract name.
inline aio::Coro<> serve_streams(Connected connected, std::string where) {
    auto options = aio::ServerOptions().backlog(4096);
    aio::Server server;
    if (where.starts_with('@')) {
        where[0] = '\0';
        server = co_await aio::start_unix_server(connected, where, options);
    } else {
        server = co_await aio::start_server(connected, "127.0.0.1", std::atoi(where.c_str()), options);
    }
    co_await server.serve_forever();
}

}  // namespace bench
