// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/endpoints/connect_race_impl.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/tls_options_impl.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_factory.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace aio::detail {
namespace {

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

// The families in turn, after `first` of the first one; as in asyncio.
std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses, std::size_t first) {
    std::vector<std::vector<SocketAddress>> families;
    for (SocketAddress& address : addresses) {
        const auto same = [&](const auto& family) { return family.front().family() == address.family(); };
        auto family = std::find_if(families.begin(), families.end(), same);
        if (family == families.end()) family = families.emplace(family);
        family->push_back(std::move(address));
    }
    std::vector<SocketAddress> result;
    const auto take = [&](std::vector<SocketAddress>& family, std::size_t index) {
        if (index < family.size()) result.push_back(std::move(family[index]));
    };
    const std::size_t ahead = std::min(first - 1, families.front().size());
    for (std::size_t i = 0; i < ahead; ++i) take(families.front(), i);
    for (std::size_t i = 0; result.size() < addresses.size(); ++i) {
        for (std::vector<SocketAddress>& family : families) {
            take(family, &family == &families.front() ? i + ahead : i);
        }
    }
    return result;
}

Coro<std::vector<SocketAddress>> resolve(std::string host, int port, const ConnectOptions& options) {
    return resolve_host(std::move(host), port, options.get_family(), SOCK_STREAM, ResolveFor::connecting,
                        options.get_proto(), options.get_flags());
}

}  // namespace

Coro<Socket> connect_socket(std::string host, int port, ConnectOptions options) {
    EventLoop& loop = get_running_loop();
    std::vector<SocketAddress> peers = co_await resolve(std::move(host), port, options);
    std::optional<std::vector<SocketAddress>> locals;
    if (options.has_local_addr()) {
        locals = co_await resolve(options.get_local_host(), options.get_local_port(), options);
    }
    if (const std::size_t first = options.get_interleave()) peers = interleaved(std::move(peers), first);
    const ConnectPlan plan{peers, locals ? &*locals : nullptr, options.get_proto(),
                           options.get_happy_eyeballs_delay().delay(), options.get_connect_timeout().delay()};
    ConnectRace race(loop, plan);
    Socket socket = co_await race;
    if (!socket) raise_connect_errors(race.errors(), options.get_all_errors());
    co_return socket;
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

Coro<Ref<Transport>> attach_upgraded(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) {
    Ref<Transport> below = co_await attach_below(std::move(socket), protocol_to_upgrade());
    try {
        co_return co_await start_tls(below, std::move(protocol), std::move(context), std::move(options));
    } catch (...) {
        below->close();  // it may have been refused before anything began
        throw;
    }
}

}  // namespace

Coro<Ref<Transport>> attach_protocol(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     ConnectOptions options) {
    const TlsChoice::Data& tls = options.get_tls().get();
    if (!tls.ssl) co_return co_await attach_below(std::move(socket), std::move(protocol));
    co_return co_await attach_upgraded(std::move(socket), std::move(protocol), tls.ssl, tls.checked());
}

Coro<Ref<Transport>> attach_accepted(Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     ServerOptions options) {
    const TlsChoice::Data& tls = options.get_tls().get();
    if (!tls.ssl) co_return co_await attach_below(std::move(socket), std::move(protocol));
    StartTlsOptions accepted = tls.checked().server_side(true);
    co_return co_await attach_upgraded(std::move(socket), std::move(protocol), tls.ssl, std::move(accepted));
}

void check_accepted(const Socket& socket, const ServerOptions& options) {
    check_stream_socket(socket);
    options.get_tls().get().checked();
}

void check_stream_socket(const Socket& socket) {
    if (socket.view().type() != SOCK_STREAM) {
        throw ValueError("A Stream Socket was expected, got " + socket.view().repr());
    }
}

}  // namespace aio::detail

namespace aio {

unsigned ConnectOptions::get_interleave() const noexcept {
    if (interleave_ != kUnsaid) return interleave_;
    return happy_eyeballs_delay_.delay() ? 1 : 0;
}

}  // namespace aio
