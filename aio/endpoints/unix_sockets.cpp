// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/server_state_impl.hpp>
#include <aio/endpoints/tls_options_impl.hpp>
#include <aio/endpoints/unix_sockets.hpp>

#include <sys/stat.h>
#include <cerrno>
#include <vector>

namespace aio {
namespace detail {
namespace {

bool is_abstract(const SocketAddress& address) { return address.path().starts_with('\0'); }

// Nobody can connect before the socket listens, and so with other permissions.
void set_mode(const SocketAddress& address, const ServerOptions& options) {
    if (options.get_mode() < 0 || is_abstract(address)) return;
    if (::chmod(address.path().c_str(), static_cast<mode_t>(options.get_mode())) != 0) {
        raise_os_error(errno, "chmod of " + address.str());
    }
}

Coro<Server> serve_unix(Socket socket, SocketFile file, ServedBy served_by, ServerOptions options) {
    std::vector<Socket> sockets;
    sockets.push_back(std::move(socket));
    co_return co_await serve(get_running_loop(), std::move(sockets), std::move(file), std::move(served_by),
                             std::move(options));
}

// The file that is to be removed with the server.
SocketFile file_of(const SocketAddress& address, const ServerOptions& options) {
    if (!options.get_cleanup_socket() || address.path().empty() || is_abstract(address)) return {};
    return SocketFile(address.path());
}

}  // namespace

Socket connect_unix_socket(const std::string& path, const ConnectOptions& options) {
    checked_options(options, std::string());
    if (options.has_local_addr()) throw ValueError("local_addr is only meaningful with a host");
    const SocketAddress address = unix_address(path);
    Socket socket = Socket::stream(AF_UNIX);
    if (::connect(socket.fileno(), address.native(), address.native_size()) != 0) {
        raise_os_error(errno, "connect to " + address.str());
    }
    return socket;
}

void check_unix_socket(const Socket& socket) {
    if (socket.view().family() != AF_UNIX || socket.view().type() != SOCK_STREAM) {
        throw ValueError("A UNIX Domain Stream Socket was expected, got " + socket.view().repr());
    }
}

namespace {

Coro<Server> serve_path(ServedBy served_by, std::string path, ServerOptions options) {
    options.get_tls().get().checked();
    const SocketAddress address = unix_address(path);
    Socket socket = Socket::stream(AF_UNIX);
    if (!is_abstract(address)) SocketFile::remove_stale(address, SOCK_STREAM);
    socket.bind(address);
    SocketFile file = file_of(address, options);
    set_mode(address, options);
    co_return co_await serve_unix(std::move(socket), std::move(file), std::move(served_by),
                                  std::move(options));
}

Coro<Server> serve_bound(ServedBy served_by, Socket socket, ServerOptions options) {
    check_unix_socket(socket);
    socket.set_nonblocking();
    SocketFile file = file_of(socket.getsockname(), options);
    co_return co_await serve_unix(std::move(socket), std::move(file), std::move(served_by),
                                  std::move(options));
}

}  // namespace

Coro<Server> make_unix_server(AnyProtocolFactory factory, std::string path, ServerOptions options) {
    return serve_path(ServedBy(std::move(factory)), std::move(path), std::move(options));
}
Coro<Server> make_unix_server(ClientConnectedCallback callback, std::string path, ServerOptions options) {
    ServedBy streams(std::move(callback), options.get_limit());
    return serve_path(std::move(streams), std::move(path), std::move(options));
}
Coro<Server> make_unix_server(AnyProtocolFactory factory, Socket socket, ServerOptions options) {
    return serve_bound(ServedBy(std::move(factory)), std::move(socket), std::move(options));
}
Coro<Server> make_unix_server(ClientConnectedCallback callback, Socket socket, ServerOptions options) {
    ServedBy streams(std::move(callback), options.get_limit());
    return serve_bound(std::move(streams), std::move(socket), std::move(options));
}

}  // namespace detail

namespace {

Coro<StreamPair> connect_and_open(std::string path, ConnectOptions options) {
    Socket socket = detail::connect_unix_socket(path, options);
    co_return co_await open_connection(std::move(socket), std::move(options));
}

}  // namespace

Coro<StreamPair> open_unix_connection(std::string path, ConnectOptions options) {
    return connect_and_open(std::move(path), std::move(options));
}

Coro<StreamPair> open_unix_connection(std::string path) {
    return connect_and_open(std::move(path), ConnectOptions());
}

}  // namespace aio
