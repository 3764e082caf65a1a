// SPDX-License-Identifier: MIT
// What the servers on Boost.Asio share: accepting.
#pragma once

#include <boost/asio.hpp>

#include <string>
#include <utility>

namespace peer {

namespace asio = boost::asio;
using asio::ip::tcp;

using Serve = asio::awaitable<void> (*)(tcp::socket);

inline asio::awaitable<void> accept(tcp::acceptor acceptor, Serve serve) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

inline void run_server(const char* port, Serve serve) {
    asio::io_context io(1);
    tcp::acceptor acceptor(
        io, {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(std::stoi(port))});
    acceptor.listen(4096);
    asio::co_spawn(io, accept(std::move(acceptor), serve), asio::detached);
    io.run();
}

}  // namespace peer
