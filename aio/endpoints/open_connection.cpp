// SPDX-License-Identifier: MIT
#include <aio/endpoints/open_connection.hpp>

namespace aio {
namespace {

Coro<StreamPair> attach_streams(Socket socket, std::size_t limit) {
    StreamReader reader(limit);
    auto protocol = std::make_shared<StreamReaderProtocol>(reader);
    const Ref<Transport> transport = co_await detail::attach_protocol(std::move(socket), protocol);
    StreamWriter writer(*transport, std::move(protocol), reader);
    co_return StreamPair(std::move(reader), std::move(writer));
}

}  // namespace

Coro<StreamPair> open_connection(std::string host, int port, ConnectOptions options) {
    const std::size_t limit = options.get_limit();
    Socket socket = co_await detail::connect_socket(std::move(host), port, std::move(options));
    co_return co_await attach_streams(std::move(socket), limit);
}

Coro<StreamPair> open_connection(std::string host, int port) {
    return open_connection(std::move(host), port, ConnectOptions());
}

Coro<StreamPair> open_connection(Socket socket, std::size_t limit) {
    detail::check_stream_socket(socket);
    co_return co_await attach_streams(std::move(socket), limit);
}

}  // namespace aio
