// SPDX-License-Identifier: MIT
// Boost.Beast's WebSocket server, which echoes: beast_websocket PORT
#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdlib>

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
    beast::websocket::stream<beast::tcp_stream> stream(std::move(socket));
    beast::flat_buffer buffer;
    try {
        co_await stream.async_accept(asio::use_awaitable);
        for (;;) {
            co_await stream.async_read(buffer, asio::use_awaitable);
            stream.text(stream.got_text());
            co_await stream.async_write(buffer.data(), asio::use_awaitable);
            buffer.clear();
        }
    } catch (const std::exception&) {  // the peer has gone
    }
}

asio::awaitable<void> listen(unsigned short port) {
    tcp::acceptor acceptor(co_await asio::this_coro::executor, {tcp::v4(), port});
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

int main(int, char** argv) {
    asio::io_context context(1);
    asio::co_spawn(context, listen(static_cast<unsigned short>(std::atoi(argv[1]))), asio::detached);
    context.run();
}
