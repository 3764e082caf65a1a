// SPDX-License-Identifier: MIT
#pragma once

#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/open_connection.hpp>
#include <aio/endpoints/server.hpp>

#include <string>
#include <utility>

/// Connections and servers over Unix sockets. They differ from TCP's in the address only: a path, or an
/// abstract name, which begins with a zero byte and has no file: `std::string("\0name", 5)`. A path has at
/// most 107 bytes, an abstract name 108. Of the options those count that do not speak of hosts.
/// Threads: the loop's only.
namespace aio {

namespace detail {

/// A socket that is connected to `path`. Looks at the options first.
Socket connect_unix_socket(const std::string& path, const ConnectOptions& options);
void check_unix_socket(const Socket& socket);
Coro<Server> make_unix_server(AnyProtocolFactory factory, std::string path, ServerOptions options);
Coro<Server> make_unix_server(AnyProtocolFactory factory, Socket socket, ServerOptions options);
Coro<Server> make_unix_server(ClientConnectedCallback callback, std::string path, ServerOptions options);
Coro<Server> make_unix_server(ClientConnectedCallback callback, Socket socket, ServerOptions options);

template <class F>
Coro<Connection<protocol_of<F>>> connect_unix_and_attach(F factory, std::string path,
                                                         ConnectOptions options) {
    Socket socket = connect_unix_socket(path, options);
    co_return co_await adopt_and_attach<F>(std::move(factory), std::move(socket), std::move(options));
}

}  // namespace detail

/// Connects to the server at `path` and gives (transport, protocol), as create_connection() does. Mirrors
/// loop.create_unix_connection().
///
/// Throws OSError naming the path: FileNotFoundError, ConnectionRefusedError if nobody listens,
/// BlockingIOError if the server's queue is full, of which the kernel does not tell when there is room;
/// ValueError for a path that is empty or too long, and for ssl() without server_hostname().
/// Cancellation: immediate; the socket is closed.
template <ProtocolFactory F>
auto create_unix_connection(F factory, std::string path, ConnectOptions options) {
    return detail::connect_unix_and_attach<F>(std::move(factory), std::move(path), std::move(options));
}
template <ProtocolFactory F>
auto create_unix_connection(F factory, std::string path) {
    return detail::connect_unix_and_attach<F>(std::move(factory), std::move(path), ConnectOptions());
}
/// The same over a Unix stream socket that is connected already and is taken over. Throws ValueError for
/// another kind of socket.
template <ProtocolFactory F>
auto create_unix_connection(F factory, Socket socket, ConnectOptions options) {
    detail::check_unix_socket(socket);
    return detail::adopt_and_attach<F>(std::move(factory), std::move(socket), std::move(options));
}

/// Streams to the server at `path`. Mirrors asyncio.open_unix_connection(); errors and cancellation are those
/// of create_unix_connection().
Coro<StreamPair> open_unix_connection(std::string path, ConnectOptions options);
Coro<StreamPair> open_unix_connection(std::string path);

/// Listens at `path`; `factory` makes the protocol of each connection. Mirrors loop.create_unix_server().
///
/// The file of a socket on which nobody listens any more, as a killed server leaves it, is replaced; to find
/// out, it is connected to. All else that is there stays, and the call throws OSError (EADDRINUSE): a server
/// that listens, a plain file, a symbolic link. The file is removed when the server is closed, unless it is
/// another one by then; see ServerOptions::cleanup_socket() and mode().
/// Cancellation: immediate; nothing is left. Throws OSError naming the path, ValueError for one that is empty
/// or too long.
template <ProtocolFactory F>
Coro<Server> create_unix_server(F factory, std::string path, ServerOptions options) {
    return detail::make_unix_server(detail::AnyProtocolFactory(std::move(factory)), std::move(path),
                                    std::move(options));
}
template <ProtocolFactory F>
Coro<Server> create_unix_server(F factory, std::string path) {
    return create_unix_server(std::move(factory), std::move(path), ServerOptions());
}
/// The same on a Unix stream socket that is bound already and is taken over, with its file. Throws ValueError
/// for another kind of socket.
template <ProtocolFactory F>
Coro<Server> create_unix_server(F factory, Socket socket, ServerOptions options) {
    return detail::make_unix_server(detail::AnyProtocolFactory(std::move(factory)), std::move(socket),
                                    std::move(options));
}

/// A server that calls `callback(StreamReader, StreamWriter)` for each connection to `path`, as
/// start_server() does. Mirrors asyncio.start_unix_server(); path and errors are those of
/// create_unix_server().
template <class F>
Coro<Server> start_unix_server(F callback, std::string path, ServerOptions options) {
    return detail::make_unix_server(detail::connected_callback(std::move(callback)), std::move(path),
                                    std::move(options));
}
template <class F>
Coro<Server> start_unix_server(F callback, std::string path) {
    return start_unix_server(std::move(callback), std::move(path), ServerOptions());
}
template <class F>
Coro<Server> start_unix_server(F callback, Socket socket, ServerOptions options) {
    return detail::make_unix_server(detail::connected_callback(std::move(callback)), std::move(socket),
                                    std::move(options));
}

/// The same, for callback(args..., StreamReader, StreamWriter); see start_server().
template <class F, class... Args>
Coro<Server> start_unix_server(ServerOptions options, std::string path, F callback, Args... args) {
    return detail::make_unix_server(detail::connected_callback(std::move(callback), std::move(args)...),
                                    std::move(path), std::move(options));
}
template <class F, class... Args>
Coro<Server> start_unix_server(ServerOptions options, Socket socket, F callback, Args... args) {
    return detail::make_unix_server(detail::connected_callback(std::move(callback), std::move(args)...),
                                    std::move(socket), std::move(options));
}
template <class F, class... Args>
Coro<Server> start_unix_server(std::string path, F callback, Args... args) {
    return start_unix_server(ServerOptions(), std::move(path), std::move(callback), std::move(args)...);
}

}  // namespace aio
