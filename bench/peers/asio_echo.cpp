// SPDX-License-Identifier: MIT
// Echo server on Boost.Asio's awaitables: asio_echo PORT
#include "asio_server.hpp"

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

}  // namespace

int main(int, char** argv) { peer::run_server(argv[1], serve); }
