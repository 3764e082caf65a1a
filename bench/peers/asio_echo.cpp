// SPDX-License-Identifier: MIT
// Echo server on Boost.Asio's awaitables: asio_echo PORT
#include <boost/asio.hpp>

#include <memory>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kBuffer = 65536;

asio::awaitable<void> serve(tcp::socket socket) {
    const auto buffer = std::make_unique<char[]>(kBuffer);
    error_code error;
    for (;;) {
        const std::size_t count = co_await socket.async_read_some(
            asio::buffer(buffer.get(), kBuffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        co_await asio::async_write(socket, asio::buffer(buffer.get(), count),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
    }
}

asio::awaitable<void> listen(tcp::acceptor acceptor) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int, char** argv) {
    const auto port = static_cast<asio::ip::port_type>(std::stoi(argv[1]));
    asio::io_context io(1);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
    acceptor.listen(4096);
    asio::co_spawn(io, listen(std::move(acceptor)), asio::detached);
    io.run();
}
