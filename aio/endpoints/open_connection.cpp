// SPDX-License-Identifier: MIT
#include <aio/endpoints/open_connection.hpp>

namespace aio {
namespace {

Coro<StreamPair> attach_streams(Socket socket, ConnectOptions options) {
    StreamReader reader(options.get_limit());
    auto protocol = std::make_shared<StreamReaderProtocol>(reader);
    const Ref<Transport> transport =
        co_await detail::attach_protocol(std::move(socket), protocol, std::move(options));
    try {
        StreamWriter writer(*transport, std::move(protocol), reader);
        co_return StreamPair(std::move(reader), std::move(writer));
    } catch (...) {  // out of memory; nobody else would close it
        transport->abort();
        throw;
    }
}

}  // namespace

Coro<StreamPair> open_connection(std::string host, int port, ConnectOptions options) {
    ConnectOptions checked = detail::checked_options(std::move(options), host);
    Socket socket = co_await detail::connect_socket(std::move(host), port, checked);
    co_return co_await attach_streams(std::move(socket), std::move(checked));
}

Coro<StreamPair> open_connection(std::string host, int port) {
    return open_connection(std::move(host), port, ConnectOptions());
}

Coro<StreamPair> open_connection(Socket socket, std::size_t limit) {
    return open_connection(std::move(socket), ConnectOptions().limit(limit));
}

Coro<StreamPair> open_connection(Socket socket, ConnectOptions options) {
    detail::check_stream_socket(socket);
    ConnectOptions checked = detail::checked_options(std::move(options), std::string());
    co_return co_await attach_streams(std::move(socket), std::move(checked));
}

}  // namespace aio
