// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/errors.hpp>

#include <new>
#include <string>
#include <utility>

namespace aio::http::detail {

/// A request's claim on its group, and on the place that it has taken until the connection has that.
class ConnectionPool::Place {
public:
    Place(ConnectionPool& pool, ConnectionGroup& group) noexcept : pool_(pool), group_(group) {
        ++group_.requests_;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        --group_.requests_;
        if (taken_) {
            pool_.free_place(group_);
        } else {
            pool_.forget_if_unused(group_);
        }
    }
    void take() noexcept {
        pool_.take_place(group_);
        taken_ = true;
    }
    void was_given() noexcept { taken_ = true; }
    void hand_over() noexcept { taken_ = false; }

private:
    ConnectionPool& pool_;
    ConnectionGroup& group_;
    bool taken_ = false;
};

/// A connection that is being made, in a task of its own, so that the pool's end can interrupt it.
class ConnectionPool::Making : public aio::detail::ListLink {
public:
    Making(ConnectionPool& pool, Task<std::shared_ptr<ConnectionState>> task)
        : pool_(pool), task_(std::move(task)) {
        pool_.making_.push_back(*this);
    }
    ~Making() {
        unlink();
        pool_.wake_closer();
        if (!task_.done()) {
            if (!pool_.loop_->is_closed()) task_.cancel();
        } else if (!task_.cancelled()) {
            static_cast<void>(task_.exception());  // whoever was cancelled has not looked at it
        }
    }
    const Task<std::shared_ptr<ConnectionState>>& task() const noexcept { return task_; }
    bool interrupted() const noexcept { return interrupted_; }
    void interrupt() {
        interrupted_ = true;
        task_.cancel();
    }

private:
    ConnectionPool& pool_;
    Task<std::shared_ptr<ConnectionState>> task_;
    bool interrupted_ = false;
};

ConnectionPool::~ConnectionPool() {
    timer_.cancel();
    while (ByAge* const idle = idle_.front()) remove(static_cast<ConnectionState&>(*idle));
    while (PooledProtocol* const protocol = protocols_.pop_front()) protocol->pool_ = nullptr;
}

void ConnectionPool::check_usable() {
    if (closed_) throw ConnectionClosedError();
    EventLoop& loop = get_running_loop();
    if (!loop_) {
        loop_ = Ref<EventLoop>(&loop);
    } else if (loop_.get() != &loop) {
        throw RuntimeError("the connector is used in another event loop");
    }
}

Coro<Connection> ConnectionPool::connect(std::shared_ptr<ConnectionPool> pool,
                                         std::shared_ptr<ConnectionMaker> maker, ConnectRequest request) {
    pool->check_usable();
    const std::shared_ptr<ConnectTrace> trace = request.trace;
    const ParserOptions options = request.parser_options;
    ConnectionGroup& group = pool->group_of(request);
    Place place(*pool, group);
    if (pool->has_room(group)) {
        place.take();
    } else {
        if (trace) co_await trace->connection_queued_start();
        co_await pool->wait_for_place(group);
        place.was_given();
        if (trace) co_await trace->connection_queued_end();
    }
    std::shared_ptr<ConnectionState> connection = pool->take_idle(group);
    if (connection) {
        if (trace) co_await trace->connection_reuseconn();
    } else {
        if (trace) co_await trace->connection_create_start();
        pool->make_room_for_one();
        connection = co_await pool->make(std::move(maker), std::move(request));
        if (trace) co_await trace->connection_create_end();
    }
    if (pool->closed_) throw ConnectionClosedError();
    connection->set_parser_options(options);
    place.hand_over();
    co_return pool->lend(std::move(connection), group);
}

// --- groups -----------------------------------------------------------------------------------------

ConnectionGroup& ConnectionPool::group_of(const ConnectRequest& request) {
    const ConnectionKeyView key = key_of(request);
    if (last_group_ != nullptr && last_group_->key_->view() == key) return *last_group_;
    auto found = groups_.find(key);
    if (found == groups_.end()) {
        found = groups_.try_emplace(ConnectionKey(request)).first;
        found->second.key_ = &found->first;
    }
    last_group_ = &found->second;
    return found->second;
}

void ConnectionPool::forget_if_unused(ConnectionGroup& group) noexcept {
    if (group.requests_ > 0 || group.lent_ > 0 || !group.idle_.empty()) return;
    if (last_group_ == &group) last_group_ = nullptr;
    groups_.erase(*group.key_);
}

// --- places -----------------------------------------------------------------------------------------

PlaceWaiter::PlaceWaiter(ConnectionPool& pool, ConnectionGroup& group, std::uint64_t number)
    : pool_(pool), group_(group), turn_(pool.loop_->create_future<>()), number_(number) {
    Turns one;
    ticket_ = one.extract(one.emplace(number, &group).first);
    group.waiting_.push_back(*this);
    pool.note_turn(group);
}

PlaceWaiter::~PlaceWaiter() {
    unlink();
    if (given_) {
        pool_.free_place(group_);
    } else {
        pool_.note_turn(group_);
    }
}

bool ConnectionPool::has_room(const ConnectionGroup& group) const noexcept {
    return has_room() && (limits_.per_host == 0 || group.lent_ < limits_.per_host);
}

void ConnectionPool::take_place(ConnectionGroup& group) noexcept {
    ++lent_;
    ++group.lent_;
    note_turn(group);
}

void ConnectionPool::free_place(ConnectionGroup& group) noexcept {
    --lent_;
    --group.lent_;
    note_turn(group);
    give_places();
    forget_if_unused(group);
}

Coro<> ConnectionPool::wait_for_place(ConnectionGroup& group) {
    if (closed_) throw ConnectionClosedError();
    if (has_room(group)) {  // meanwhile
        take_place(group);
        co_return;
    }
    PlaceWaiter waiter(*this, group, ++last_number_);
    co_await waiter.turn_;
    if (closed_) throw ConnectionClosedError();
    waiter.given_ = false;  // taken
}

// Keeps the ticket of the group's first request in turns_ as long as it could use a place.
void ConnectionPool::note_turn(ConnectionGroup& group) noexcept {
    const bool room = limits_.per_host == 0 || group.lent_ < limits_.per_host;
    PlaceWaiter* const next = room ? group.waiting_.front() : nullptr;
    if (next == group.in_turns_) return;
    if (PlaceWaiter* const before = std::exchange(group.in_turns_, next)) {
        before->ticket_ = turns_.extract(before->number_);
    }
    if (next) turns_.insert(std::move(next->ticket_));
}

void ConnectionPool::give_places() noexcept {
    while (has_room() && !turns_.empty()) {
        ConnectionGroup& group = *turns_.begin()->second;
        PlaceWaiter& next = *group.waiting_.front();
        next.unlink();
        if (next.turn_.done()) {  // cancelled, and has not gone on yet
            note_turn(group);
            continue;
        }
        next.given_ = true;
        take_place(group);
        next.turn_.set_result();
    }
}

// --- connections ------------------------------------------------------------------------------------

std::shared_ptr<ConnectionState> ConnectionPool::take_idle(ConnectionGroup& group) {
    while (InGroup* const newest = group.idle_.back()) {
        const auto since = static_cast<ConnectionState*>(newest)->idle_since_;
        std::shared_ptr<ConnectionState> connection = remove(*static_cast<ConnectionState*>(newest));
        const Duration idle = loop_->time() - since;
        const bool expired = limits_.keep_idle && idle > *limits_.keep_idle;
        if (!expired && connection->reusable() && connection->is_quiet(idle)) {
            connection->reused = true;
            return connection;
        }
        connection->end(limits_.shut_down_tls);
    }
    return nullptr;
}

void ConnectionPool::make_room_for_one() noexcept {
    while (limits_.in_all != 0 && lent_ + idle_count_ > limits_.in_all && !idle_.empty()) {
        end_idle(static_cast<ConnectionState&>(*idle_.front()));
    }
}

namespace {

// The pool is there as long as a protocol may be made for it.
Coro<std::shared_ptr<ConnectionState>> make_with(std::shared_ptr<ConnectionMaker> maker,
                                                 ConnectRequest request, std::shared_ptr<ConnectionPool>) {
    co_return co_await maker->make(std::move(request));
}

}  // namespace

Coro<std::shared_ptr<ConnectionState>> ConnectionPool::make(std::shared_ptr<ConnectionMaker> maker,
                                                            ConnectRequest request) {
    if (closed_) throw ConnectionClosedError();
    const unsigned cancelling = current_task().cancelling();
    Making making(*this, create_task(make_with(std::move(maker), std::move(request), shared_from_this())));
    try {
        co_return co_await making.task();
    } catch (const CancelledError&) {
        if (!making.interrupted() || current_task().cancelling() > cancelling) throw;
    }
    throw ConnectionClosedError();
}

Connection ConnectionPool::lend(std::shared_ptr<ConnectionState> connection, ConnectionGroup& group) {
    connection->pool_ = shared_from_this();
    connection->group_ = &group;
    return Connection(std::move(connection));
}

void ConnectionPool::take_back(std::shared_ptr<ConnectionState> connection, bool keep_it) noexcept {
    ConnectionGroup& group = *connection->group_;
    const bool wanted = keep_it && !closed_ && !limits_.force_close && in_open_loop();
    if (wanted && connection->reusable()) {
        keep(std::move(connection));
    } else {
        connection->end(limits_.shut_down_tls);
    }
    free_place(group);
}

void ConnectionPool::keep(std::shared_ptr<ConnectionState> connection) {
    ConnectionState& kept = *connection;
    kept.idle_since_ = loop_->time();
    kept.group_->idle_.push_back(kept);
    idle_.push_back(kept);
    ++idle_count_;
    kept.protocol_->idle_ = true;
    kept.itself_ = std::move(connection);
    arm();
}

std::shared_ptr<ConnectionState> ConnectionPool::remove(ConnectionState& idle) noexcept {
    static_cast<ByAge&>(idle).unlink();
    static_cast<InGroup&>(idle).unlink();
    --idle_count_;
    idle.protocol_->idle_ = false;
    return std::move(idle.itself_);
}

void ConnectionPool::end_idle(ConnectionState& idle) noexcept {
    ConnectionGroup& group = *idle.group_;
    const std::shared_ptr<ConnectionState> connection = remove(idle);
    connection->end(limits_.shut_down_tls);
    forget_if_unused(group);
}

void ConnectionPool::drop(ConnectionState& idle) noexcept {
    ConnectionGroup& group = *idle.group_;
    const std::shared_ptr<ConnectionState> connection = remove(idle);
    connection->end(false);
    forget_if_unused(group);
}

// --- time and end -----------------------------------------------------------------------------------

void ConnectionPool::arm() noexcept {
    if (timed_ || !limits_.keep_idle || idle_.empty()) return;
    const TimePoint since = static_cast<const ConnectionState&>(*idle_.front()).idle_since_;
    try {
        timer_ = loop_->call_at(aio::detail::after(since, *limits_.keep_idle), [this] {
            timed_ = false;
            end_expired();
        });
        timed_ = true;
    } catch (const std::bad_alloc&) {  // the next connection that becomes idle tries again
    }
}

void ConnectionPool::end_expired() {
    const TimePoint now = loop_->time();
    while (ByAge* const oldest = idle_.front()) {
        auto& connection = static_cast<ConnectionState&>(*oldest);
        if (aio::detail::after(connection.idle_since_, *limits_.keep_idle) > now) break;
        end_idle(connection);
    }
    arm();
}

std::shared_ptr<PooledProtocol> ConnectionPool::make_protocol(const aio::StreamReader& reader) {
    return std::make_shared<PooledProtocol>(reader, this);
}

void ConnectionPool::connection_lost(PooledProtocol& protocol) noexcept {
    protocol.unlink();
    if (protocol.idle_) drop(*protocol.state_);
    wake_closer();
}

void ConnectionPool::end_all() noexcept {
    closed_ = true;
    timer_.cancel();
    timed_ = false;
    while (ByAge* const oldest = idle_.front()) end_idle(static_cast<ConnectionState&>(*oldest));
    protocols_.for_each([this](PooledProtocol& protocol) {
        if (protocol.state_) protocol.state_->end(limits_.shut_down_tls);
    });
    making_.for_each([](Making& making) { making.interrupt(); });
    for (auto& [key, group] : groups_) {
        group.waiting_.for_each([](PlaceWaiter& waiter) {
            if (!waiter.turn_.done()) waiter.turn_.set_result();
        });
    }
}

Coro<> ConnectionPool::close(std::shared_ptr<ConnectionPool> pool) {
    if (!pool->closed_) pool->end_all();
    while (!pool->protocols_.empty() || !pool->making_.empty()) {
        pool->gone_.clear();
        co_await pool->gone_.wait();
    }
}

void ConnectionPool::abandon() noexcept {
    if (closed_ || !loop_) return;
    if (!protocols_.empty() && loop_->get_debug()) {
        aio::detail::log_text(LogLevel::warning,
                              [] { return std::string("ResourceWarning: Unclosed connector"); });
    }
    if (in_open_loop()) return end_all();
    closed_ = true;
    while (ByAge* const oldest = idle_.front()) remove(static_cast<ConnectionState&>(*oldest));
}

}  // namespace aio::http::detail
