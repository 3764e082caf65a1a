// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/time.hpp>
#include <aio/client/connect/connection_key_impl.hpp>
#include <aio/client/connect/connection_state_impl.hpp>
#include <aio/client/connector.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/sync/event.hpp>
#include <aio/task/future.hpp>
#include <aio/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace aio::http::detail {

/// What of a connector's options is the pool's.
struct PoolLimits {
    std::size_t in_all = 100;  ///< 0 for no limit
    std::size_t per_host = 0;
    std::optional<Duration> keep_idle;  ///< for how long; nothing: as long as the peer does
    bool force_close = false;
    bool shut_down_tls = false;  ///< rather than abort it
};

/// Who makes the connections of a pool.
class ConnectionMaker {
public:
    virtual ~ConnectionMaker() = default;
    /// A new connection; throws kinds of ClientError. Cancellation: immediate.
    virtual Coro<std::shared_ptr<ConnectionState>> make(ConnectRequest request) = 0;
};

class ConnectionGroup;
/// Whose turn it is, by the number of the request that waits.
using Turns = std::map<std::uint64_t, ConnectionGroup*>;

/// A request that waits for a place. It lives in the frame of the waiting coroutine.
class PlaceWaiter : public aio::detail::ListLink {
public:
    PlaceWaiter(ConnectionPool& pool, ConnectionGroup& group, std::uint64_t number);
    ~PlaceWaiter();

private:
    friend class ConnectionPool;
    ConnectionPool& pool_;
    ConnectionGroup& group_;
    Future<> turn_;
    const std::uint64_t number_;
    Turns::node_type ticket_;  // made here, where there may be no memory for it
    bool given_ = false;
};

/// The connections, and the requests that wait for one, of a key. When it has neither the pool forgets it.
class ConnectionGroup {
public:
    ConnectionGroup() = default;
    ConnectionGroup(const ConnectionGroup&) = delete;
    ConnectionGroup& operator=(const ConnectionGroup&) = delete;

private:
    friend class ConnectionPool;
    friend class PlaceWaiter;
    aio::detail::List<InGroup> idle_;  // the one that came last at the end
    aio::detail::List<PlaceWaiter> waiting_;
    PlaceWaiter* in_turns_ = nullptr;  // whose ticket is in the pool's turns_
    const ConnectionKey* key_ = nullptr;
    std::size_t lent_ = 0;      // places that are taken
    std::size_t requests_ = 0;  // that refer to it
};

/// The connections of a connector, with the rules of S177. It knows nothing of how they are made.
///
/// 1. A request takes a place, of which there are only so many in all and in each group. It keeps it until
/// its
///    connection is given back or closed. Where there is none it waits; a place that becomes free goes at
///    once to who waits for longest of those that can use it, so nobody who comes later gets it.
/// 2. A place that was given to a waiter, and that is not used, goes on to the next one.
/// 3. With a place, it takes the newest idle connection of its group, or makes one. For one that is made
/// beyond
///    the limit in all, the connection that is idle for longest is closed.
/// 4. Whatever happens to an idle connection ends it: its peer closes it, or sends something.
/// 5. One timer is armed for all idle connections.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    explicit ConnectionPool(const PoolLimits& limits) : limits_(limits) {}
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;
    ~ConnectionPool();

    /// As BaseConnector::connect(). `pool` and `maker` are kept until it has ended.
    static Coro<Connection> connect(std::shared_ptr<ConnectionPool> pool,
                                    std::shared_ptr<ConnectionMaker> maker, ConnectRequest request);
    static Coro<> close(std::shared_ptr<ConnectionPool> pool);
    /// The same without waiting: the connector goes.
    void abandon() noexcept;
    bool closed() const noexcept { return closed_; }
    /// There is a loop in which something could end.
    bool in_open_loop() const noexcept { return loop_ && !loop_->is_closed(); }

    /// A protocol for a connection that is being made.
    std::shared_ptr<PooledProtocol> make_protocol(const aio::StreamReader& reader);

    std::size_t lent() const noexcept { return lent_; }
    std::size_t idle() const noexcept { return idle_count_; }

    // for connections
    /// It is lent no longer: it becomes idle, if it can, or ends.
    void take_back(std::shared_ptr<ConnectionState> connection, bool keep) noexcept;
    /// Rule 4.
    void drop(ConnectionState& idle) noexcept;
    void connection_lost(PooledProtocol& protocol) noexcept;

private:
    friend class PlaceWaiter;
    friend class PooledProtocol;
    class Place;
    class Making;
    using Groups = std::map<ConnectionKey, ConnectionGroup, ConnectionKeyLess>;

    void check_usable();
    ConnectionGroup& group_of(const ConnectRequest& request);
    void forget_if_unused(ConnectionGroup& group) noexcept;

    // rules 1 and 2
    bool has_room(const ConnectionGroup& group) const noexcept;
    bool has_room() const noexcept { return limits_.in_all == 0 || lent_ < limits_.in_all; }
    /// Gives a place that is taken.
    Coro<> wait_for_place(ConnectionGroup& group);
    void take_place(ConnectionGroup& group) noexcept;
    void free_place(ConnectionGroup& group) noexcept;
    void note_turn(ConnectionGroup& group) noexcept;
    void give_places() noexcept;

    // rule 3
    std::shared_ptr<ConnectionState> take_idle(ConnectionGroup& group);
    void make_room_for_one() noexcept;
    Coro<std::shared_ptr<ConnectionState>> make(std::shared_ptr<ConnectionMaker> maker,
                                                ConnectRequest request);
    Connection lend(std::shared_ptr<ConnectionState> connection, ConnectionGroup& group);

    // rule 5
    void keep(std::shared_ptr<ConnectionState> connection);
    std::shared_ptr<ConnectionState> remove(ConnectionState& idle) noexcept;
    void end_idle(ConnectionState& idle) noexcept;
    void arm() noexcept;
    void end_expired();

    void end_all() noexcept;
    void wake_closer() noexcept { gone_.set(); }

    const PoolLimits limits_;
    Ref<EventLoop> loop_;  // of the first request
    Groups groups_;
    ConnectionGroup* last_group_ = nullptr;  // that was asked for; null if there is none, or it is gone
    Turns turns_;  // groups of which a request waits for the limit in all, and for nothing else
    aio::detail::List<ByAge> idle_;
    aio::detail::List<PooledProtocol> protocols_;  // of all connections that there are, those that end too
    aio::detail::List<Making> making_;
    TimerHandle timer_;
    Event gone_;
    std::uint64_t last_number_ = 0;
    std::size_t lent_ = 0;
    std::size_t idle_count_ = 0;
    bool timed_ = false;
    bool closed_ = false;
};

}  // namespace aio::http::detail
