// SPDX-License-Identifier: MIT
// TLS echo server on Boost.Asio's awaitables: asio_tls CERTIFICATE PORT
#include "asio_server.hpp"

#include <boost/asio/ssl.hpp>

#include <memory>
#include <string>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kBuffer = 65536;
asio::ssl::context context(asio::ssl::context::tls_server);

asio::awaitable<void> serve(tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), context);
    error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const auto buffer = std::make_unique<char[]>(kBuffer);
    for (;;) {
        const std::size_t count = co_await stream.async_read_some(
            asio::buffer(buffer.get(), kBuffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        co_await asio::async_write(stream, asio::buffer(buffer.get(), count),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
    }
}

}  // namespace

int main(int, char** argv) {
    context.use_certificate_chain_file(argv[1]);
    context.use_private_key_file(argv[1], asio::ssl::context::pem);
    peer::run_server(argv[2], serve);
}
