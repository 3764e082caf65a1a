// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/compose/task_group.hpp>
#include <aio/endpoints/connect_race_impl.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/tls_options_impl.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/port_impl.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_factory.hpp>

#include <algorithm>
#include <cstdint>
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

AddrInfoOptions wanted_by(const ConnectOptions& options) {
    AddrInfoOptions wanted;
    wanted.family(options.get_family()).type(SOCK_STREAM);
    wanted.proto(options.get_proto()).flags(options.get_flags());
    return wanted;
}

Coro<std::vector<SocketAddress>> resolve(std::string host, int port, const ConnectOptions& options) {
    return resolve_host(std::move(host), port, wanted_by(options), ResolveFor::connecting,
                        options.get_resolver().get());
}

/// A look-up beside the race for what it finds.
class LookUp final : public Resolver::Listener {
public:
    LookUp(ConnectRace& race, std::string host) : race_(race), host_(std::move(host)) {}

    Coro<> run(std::uint16_t port, const ConnectOptions& options) {
        try {
            std::shared_ptr<Resolver> resolver = options.get_resolver().get();
            if (!resolver) resolver = get_resolver(get_running_loop());
            co_await resolver->getaddrinfo_in_parts(host_, port, wanted_by(options), *this);
            if (!found_) raise_no_address(host_);
        } catch (const CancelledError&) {  // of what the resolver waited for, or nobody waits any more
            failure_ = std::current_exception();
        } catch (const std::exception&) {
            failure_ = std::current_exception();
        }
        race_.all_known();
    }
    void found(std::vector<AddrInfo> some) override {
        if (some.empty()) return;
        std::vector<SocketAddress> addresses = addresses_of(std::move(some));
        found_ = true;
        race_.found(std::move(addresses));
    }
    /// Why there is no address; null where there is one.
    std::exception_ptr failure() const { return found_ ? nullptr : failure_; }

private:
    ConnectRace& race_;
    const std::string host_;
    std::exception_ptr failure_;
    bool found_ = false;
};

// RFC 8305, 3: an address that is slow to be found does not keep those that are known waiting. The look-up is
// a task of this call's own, and has ended when the call does.
Coro<Socket> race_beside_look_up(ConnectRace& race, std::string host, std::uint16_t port,
                                 const ConnectOptions& options) {
    LookUp look_up(race, std::move(host));
    Socket socket;
    std::exception_ptr failure;
    // It outlives the coroutine. NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
    const auto body = [&](TaskGroup& group) -> Coro<> {
        std::optional<Task<>> looking;
        ConnectRace& waiting = race;  // g++ 12 copies what a captured reference refers to
        try {
            looking = group.create_task(look_up.run(port, options));
            socket = co_await waiting;
        } catch (const std::exception&) {  // not to be joined with others
            failure = std::current_exception();
        }
        if (looking) looking->cancel();
    };
    race.expect_more();
    try {
        co_await async_with(TaskGroup(), body);
    } catch (const ExceptionGroup& e) {  // for lack of memory
        failure = e.exceptions().front();
    }
    if (!failure) failure = look_up.failure();
    if (failure) std::rethrow_exception(failure);
    co_return socket;
}

}  // namespace

Coro<Socket> connect_socket(std::string host, int port, ConnectOptions options) {
    EventLoop& loop = get_running_loop();
    const std::uint16_t number = checked_port(port);
    // Where nobody has to be asked, without the frame of a coroutine.
    auto numeric = try_resolve_numeric(host, number, options.get_family(), ResolveFor::connecting);
    const std::optional<Duration> delay = options.get_happy_eyeballs_delay().delay();
    const bool in_parts = !numeric && delay;
    std::vector<SocketAddress> peers;
    if (numeric) {
        peers = std::move(*numeric);
    } else if (!in_parts) {
        peers = co_await resolve(host, port, options);
    }
    std::optional<std::vector<SocketAddress>> locals;
    if (options.has_local_addr()) {
        locals = co_await resolve(options.get_local_host(), options.get_local_port(), options);
    }
    peers = interleaved(std::move(peers), options.get_interleave());
    const ConnectPlan plan{
        peers, locals ? &*locals : nullptr,          options.get_proto(), options.get_interleave(),
        delay, options.get_connect_timeout().delay()};
    ConnectRace race(loop, plan);
    Socket socket;
    if (in_parts) {
        socket = co_await race_beside_look_up(race, std::move(host), number, options);
    } else {
        socket = co_await race;
    }
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
