// SPDX-License-Identifier: MIT
// Boost.Beast's WebSocket server: beast_websocket PORT. At /echo messages are echoed; at /room everybody gets
// them, from a queue of his own, because only one write at a time is allowed.
#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

struct Member : std::enable_shared_from_this<Member> {
    explicit Member(tcp::socket socket) : stream(std::move(socket)) {}
    beast::websocket::stream<beast::tcp_stream> stream;
    std::deque<std::shared_ptr<const std::string>> waiting;

    void say(std::shared_ptr<const std::string> text) {
        waiting.push_back(std::move(text));
        if (waiting.size() == 1) write();
    }
    void write() {
        stream.async_write(asio::buffer(*waiting.front()),
                           [self = shared_from_this()](beast::error_code error, std::size_t) {
                               if (error) return;
                               self->waiting.pop_front();
                               if (!self->waiting.empty()) self->write();
                           });
    }
};

std::unordered_set<std::shared_ptr<Member>> room;

asio::awaitable<void> serve(std::shared_ptr<Member> member) {
    auto& stream = member->stream;
    beast::flat_buffer buffer;
    bool in_room = false;
    try {
        http::request<http::empty_body> request;
        co_await http::async_read(stream.next_layer(), buffer, request, asio::use_awaitable);
        co_await stream.async_accept(request, asio::use_awaitable);
        in_room = request.target() == "/room";
        if (in_room) room.insert(member);
        for (;;) {
            buffer.clear();
            co_await stream.async_read(buffer, asio::use_awaitable);
            stream.text(stream.got_text());
            if (!in_room) {
                co_await stream.async_write(buffer.data(), asio::use_awaitable);
                continue;
            }
            const auto text = std::make_shared<const std::string>(beast::buffers_to_string(buffer.data()));
            for (const auto& each : room) {
                each->stream.binary(true);
                each->say(text);
            }
        }
    } catch (const std::exception&) {  // the peer has gone
    }
    if (in_room) room.erase(member);
}

asio::awaitable<void> listen(unsigned short port) {
    tcp::acceptor acceptor(co_await asio::this_coro::executor, {tcp::v4(), port});
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::make_shared<Member>(std::move(socket))),
                       asio::detached);
    }
}

int main(int, char** argv) {
    asio::io_context context(1);
    asio::co_spawn(context, listen(static_cast<unsigned short>(std::atoi(argv[1]))), asio::detached);
    context.run();
}
