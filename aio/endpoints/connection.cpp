// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/tls_options_impl.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/connect_operation.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_factory.hpp>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

namespace aio::detail {
namespace {

class ConnectAwaiter final : public LeafWaiter, private ConnectOperation {
public:
    using ConnectOperation::ConnectOperation;

    bool await_ready() { return start(); }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
    }
    /// Why it failed, or null.
    std::exception_ptr await_resume() {
        end();
        return error();
    }
    std::string describe() const override { return name(); }

private:
    void connected() override {
        if (waiting()) wake();
    }
    void withdraw() noexcept override { abandon(); }
};

/// Several different errors in one; its text needs no errno.
class ConnectErrors final : public OSError {
public:
    ConnectErrors(int error, std::string text) : OSError(error, text), text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

std::string error_text(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
}

int error_number(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const OSError& e) {
        return e.error_number();
    }
}

// S138
[[noreturn]] void raise_connect_errors(const std::vector<std::exception_ptr>& errors, bool all_errors) {
    if (all_errors) throw ExceptionGroup("create_connection failed", errors);
    const std::string first = error_text(errors.front());
    const auto same = [&first](const std::exception_ptr& error) { return error_text(error) == first; };
    if (std::all_of(errors.begin(), errors.end(), same)) std::rethrow_exception(errors.front());
    std::string text = "Multiple exceptions: " + first;
    for (std::size_t i = 1; i < errors.size(); ++i) text += ", " + error_text(errors[i]);
    throw ConnectErrors(error_number(errors.front()), std::move(text));
}

// A socket for `peer`, bound to the first local address of its family that can be used.
Socket local_socket(const SocketAddress& peer, const std::vector<SocketAddress>* locals) {
    Socket socket = Socket::stream(peer.family());
    if (!locals) return socket;
    std::exception_ptr last;
    for (const SocketAddress& local : *locals) {
        if (local.family() != peer.family()) continue;
        try {
            socket.bind(local);
            return socket;
        } catch (const OSError&) {
            last = std::current_exception();
        }
    }
    if (last) std::rethrow_exception(last);
    throw OSError(EADDRNOTAVAIL, "connect to " + peer.str() + ": no local address of this family was given");
}

}  // namespace

Coro<Socket> connect_socket(std::string host, int port, ConnectOptions options) {
    EventLoop& loop = get_running_loop();
    const std::vector<SocketAddress> peers = co_await resolve_host(
        std::move(host), port, options.get_family(), SOCK_STREAM, ResolveFor::connecting);
    std::optional<std::vector<SocketAddress>> locals;
    if (options.has_local_addr()) {
        locals = co_await resolve_host(options.get_local_host(), options.get_local_port(),
                                       options.get_family(), SOCK_STREAM, ResolveFor::connecting);
    }
    std::vector<std::exception_ptr> errors;
    for (const SocketAddress& peer : peers) {
        Socket socket;
        std::exception_ptr error;
        try {
            socket = local_socket(peer, locals ? &*locals : nullptr);
        } catch (const OSError&) {
            error = std::current_exception();
        }
        if (!error) {
            ConnectAwaiter attempt(loop, socket, peer);
            error = co_await attempt;
            if (!error) co_return socket;
        }
        errors.push_back(std::move(error));
    }
    raise_connect_errors(errors, options.get_all_errors());
}

namespace {

Coro<Ref<Transport>> attach_below(Socket socket, std::shared_ptr<BaseProtocol> protocol) {
    EventLoop& loop = get_running_loop();
    Future<> made = loop.create_future<>();
    SocketTransportOptions options;
    options.on_made([made] {
        if (!made.done()) made.set_result();
    });
    Ref<Transport> transport = get_transport_factory(loop)->make_transport(
        loop, std::move(socket), std::move(protocol), std::move(options));
    try {
        co_await made;
    } catch (...) {
        transport->close();
        throw;
    }
    co_return transport;
}

}  // namespace

Coro<Ref<Transport>> attach_protocol(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     ConnectOptions options) {
    const TlsChoice::Data& tls = options.get_tls().get();
    if (!tls.ssl) co_return co_await attach_below(std::move(socket), std::move(protocol));
    Ref<Transport> below = co_await attach_below(std::move(socket), protocol_to_upgrade());
    try {
        co_return co_await start_tls(below, std::move(protocol), tls.ssl, tls.checked());
    } catch (...) {
        below->close();  // it may have been refused before anything began
        throw;
    }
}

void check_stream_socket(const Socket& socket) {
    if (socket.view().type() != SOCK_STREAM) {
        throw ValueError("A Stream Socket was expected, got " + socket.view().repr());
    }
}

}  // namespace aio::detail
