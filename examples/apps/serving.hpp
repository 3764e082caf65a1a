// SPDX-License-Identifier: MIT
// What servers share: when to stop, and how to end a connection so that the peer gets all of it.
#pragma once

#include <aio/aio.hpp>

#include <csignal>
#include <iostream>
#include <utility>

namespace example {

/// Waits for Ctrl-C or for SIGTERM. Afterwards both do what they did before: the second one ends the program.
inline aio::Coro<> stop_signal() {
    aio::EventLoop& loop = aio::get_running_loop();
    auto stop = loop.create_future();
    const auto on_signal = [&stop] {
        if (!stop.done()) stop.set_result();
    };
    for (const int signal : {SIGINT, SIGTERM}) loop.add_signal_handler(signal, on_signal);
    const auto waited = co_await aio::as_result(stop);  // also if this task is cancelled
    for (const int signal : {SIGINT, SIGTERM}) loop.remove_signal_handler(signal);
    waited.value();
}

/// Tells whoever started the program that it is ready, and where: port 0 means any.
inline void announce(const aio::Server& server) {
    std::cout << "listening on " << server.sockets()[0].getsockname().str() << std::endl;
}

/// Stops accepting and waits until the last connection is gone; what is left after `limit` is cut off.
inline aio::Coro<> finish(aio::Server server, aio::Duration limit) {
    server.close();
    auto cut_off = aio::get_running_loop().call_later(limit, [server] { server.abort_clients(); });
    co_await server.wait_closed();
    cut_off.cancel();
}

/// Ends a connection, in at most `limit`, without losing what was written. A close() while the peer still
/// sends makes the system answer by a reset, which destroys what the peer has not read yet. So: say that
/// there will be no more, drop what still comes, and close when the peer has.
inline aio::Coro<> hang_up(aio::StreamReader reader, aio::StreamWriter writer, aio::Duration limit) {
    const auto until_the_peer_ends = [&]() -> aio::Coro<> {
        writer.write_eof();
        while (true) {
            const aio::BytesView dropped = co_await reader.read_view();
            if (dropped.empty()) break;
        }
        writer.close();
        co_await writer.wait_closed();
    };
    try {
        co_await aio::async_with(aio::timeout(limit), until_the_peer_ends);
    } catch (const aio::OSError&) {  // a TimeoutError, or the connection is broken: nothing more to be done
    }
    writer.transport().abort();
}

}  // namespace example
