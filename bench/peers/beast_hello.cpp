// SPDX-License-Identifier: MIT
// Boost.Beast's web server: beast_hello PORT
#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cstdlib>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    try {
        for (;;) {
            http::request<http::empty_body> request;
            co_await http::async_read(stream, buffer, request, asio::use_awaitable);
            http::response<http::string_body> response{http::status::ok, request.version()};
            response.set(http::field::content_type, "text/plain; charset=utf-8");
            response.keep_alive(request.keep_alive());
            response.body() = "hello, world\n";
            response.prepare_payload();
            const bool keep = response.keep_alive();
            co_await http::async_write(stream, response, asio::use_awaitable);
            if (!keep) break;
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
