// SPDX-License-Identifier: MIT
// Boost.Beast's web server with more to do: beast_service FILE PORT
#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <cstdlib>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using asio::ip::tcp;

using Request = http::request<http::string_body>;

asio::awaitable<void> send_text(beast::tcp_stream& stream, const Request& request, std::string type,
                                std::string text) {
    http::response<http::string_body> response{http::status::ok, request.version()};
    response.set(http::field::content_type, type);
    response.keep_alive(request.keep_alive());
    response.body() = std::move(text);
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::use_awaitable);
}

asio::awaitable<void> send_file(beast::tcp_stream& stream, const Request& request, const std::string& path) {
    http::response<http::file_body> response{http::status::ok, request.version()};
    response.set(http::field::content_type, "application/octet-stream");
    response.keep_alive(request.keep_alive());
    beast::error_code error;
    response.body().open(path.c_str(), beast::file_mode::scan, error);
    if (error) throw beast::system_error(error);
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::use_awaitable);
}

asio::awaitable<void> serve(tcp::socket socket, std::string path) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    try {
        for (;;) {
            Request request;
            co_await http::async_read(stream, buffer, request, asio::use_awaitable);
            if (request.target() == "/json") {
                const json::value value = json::parse(request.body());
                co_await send_text(stream, request, "application/json", json::serialize(value));
            } else if (request.target() == "/headers") {
                const auto value = request["X-Header-099"];
                co_await send_text(stream, request, "text/plain; charset=utf-8",
                                   std::string(value.data(), value.size()));
            } else {
                co_await send_file(stream, request, path);
            }
            if (!request.keep_alive()) break;
        }
    } catch (const std::exception&) {  // the peer has gone
    }
}

asio::awaitable<void> listen(unsigned short port, std::string path) {
    tcp::acceptor acceptor(co_await asio::this_coro::executor, {tcp::v4(), port});
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), path), asio::detached);
    }
}

int main(int, char** argv) {
    asio::io_context context(1);
    asio::co_spawn(context, listen(static_cast<unsigned short>(std::atoi(argv[2])), argv[1]), asio::detached);
    context.run();
}
