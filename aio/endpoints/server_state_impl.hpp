// SPDX-License-Identifier: MIT
#pragma once

#include <aio/endpoints/server.hpp>
#include <aio/loop/contextvars.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/listener.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_group.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <memory>
#include <string>
#include <vector>

namespace aio::detail {

/// What the handles of one Server share: its listening sockets, its connections, and who waits for
/// their end. It holds itself while it accepts.
class ServerState final : public TransportGroup, private Listener::Owner {
public:
    ServerState(EventLoop& loop, std::vector<Socket> sockets, AnyProtocolFactory factory, int backlog);

    /// Connections are upgraded by `context`, unless that is null.
    void upgrade_with(std::shared_ptr<TransportUpgrade> context, StartTlsOptions options);
    void start_serving();
    void close();
    bool closed() const noexcept { return closed_; }
    bool serving() const noexcept { return serving_; }
    /// Closed, and no connection is left.
    bool finished() const noexcept { return closed_ && empty(); }
    std::vector<TransportSocket> sockets() const;
    EventLoop& loop() const noexcept { return *loop_; }
    std::string repr() const;

    std::vector<Future<>> waiters;  ///< completed when finished() becomes true
    Future<> forever;               ///< what serve_forever() waits for; empty if nobody is in it

private:
    void accepted(Socket connection, SocketAddress peer) override;
    void loop_closed(Listener& listener) noexcept override;
    void emptied() override { wake_if_finished(); }
    void wake_if_finished();
    void connect(Socket connection, SocketAddress peer);

    Ref<EventLoop> loop_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    AnyProtocolFactory factory_;
    std::shared_ptr<TransportUpgrade> ssl_;
    StartTlsOptions tls_;
    ContextSlot context_;  ///< that of start_serving(): connections begin in a copy of it
    Ref<ServerState> self_;
    bool serving_ = false;
    bool closed_ = false;
};

}  // namespace aio::detail
