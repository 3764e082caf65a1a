// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose/detail/run_hooks.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/server_handlers_impl.hpp>
#include <aio/endpoints/socket_file_impl.hpp>
#include <aio/loop/contextvars.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/listener.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_group.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::detail {

/// What the handles of one Server share: its listening sockets, its connections, and who waits for
/// their end. It holds itself while it accepts.
class ServerState final : public TransportGroup, private Listener::Owner {
public:
    ServerState(EventLoop& loop, std::vector<Socket> sockets, ServedBy served_by, int backlog);
    ~ServerState() override;

    /// A Unix socket's file, which goes with the server.
    void own(SocketFile file) noexcept { file_ = std::move(file); }
    /// Connections are upgraded by `context`, unless that is null.
    void upgrade_with(std::shared_ptr<TransportUpgrade> context, StartTlsOptions options);
    void start_serving();
    void close();
    bool closed() const noexcept { return closed_; }
    bool serving() const noexcept { return serving_; }
    /// Closed, and no connection is left.
    bool finished() const noexcept { return closed_ && empty(); }
    /// Finished, and no task serves a connection that is gone.
    bool quiet() const noexcept { return finished() && (!handlers_ || handlers_->empty()); }
    void handlers_ended() { wake_if_finished(); }
    /// What there is to wait for: tasks that serve connections, and connections that no task serves.
    struct Busy {
        std::vector<AnyTask> tasks;
        std::vector<Ref<Transport>> unserved;
        std::size_t count() const noexcept;
    };
    Busy busy();
    std::vector<TransportSocket> sockets() const;
    EventLoop& loop() const noexcept { return *loop_; }
    std::string repr() const;

    std::vector<Future<>> waiters;  ///< completed when finished() becomes true
    std::vector<Future<>> drains;   ///< completed when quiet() becomes true
    Future<> forever;               ///< what serve_forever() waits for; empty if nobody is in it

    std::optional<DrainLimits> limits;  ///< how it ends by itself

private:
    /// Ends the server at the end of run().
    struct AtTheEnd final : ShutdownHook {
        explicit AtTheEnd(ServerState& owner) noexcept : state(owner) {}
        Coro<> shutdown() override;
        ServerState& state;
    };

    void accepted(Socket connection, SocketAddress peer) override;
    void loop_closed(Listener& listener) noexcept override;
    void emptied() override { wake_if_finished(); }
    void wake_if_finished();
    void connect(Socket connection, SocketAddress peer);

    void stop_listening() noexcept;

    Ref<EventLoop> loop_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    SocketFile file_;  ///< behind the sockets: it goes before they do
    AnyProtocolFactory factory_;
    Ref<ServerHandlers> handlers_;  ///< null without streams
    AtTheEnd at_the_end_{*this};
    std::shared_ptr<TransportUpgrade> ssl_;
    StartTlsOptions tls_;
    ContextSlot context_;  ///< that of start_serving(): connections begin in a copy of it
    Ref<ServerState> self_;
    bool serving_ = false;
    bool closed_ = false;
};

/// A server on `sockets`, which are bound, and that owns `file`; it serves already if the options say so.
Coro<Server> serve(EventLoop& loop, std::vector<Socket> sockets, SocketFile file, ServedBy served_by,
                   ServerOptions options);
/// Until it is closed and its connections are gone.
Coro<> wait_finished(Ref<ServerState> state);
Coro<DrainReport> drain(Ref<ServerState> state, TimeLimit timeout, TimeLimit grace);
/// Closes it, and drains it in the time that its options say, or waits for its connections.
Coro<> end_server(Ref<ServerState> state);

}  // namespace aio::detail
