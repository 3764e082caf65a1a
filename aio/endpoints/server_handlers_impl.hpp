// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/task/task.hpp>

#include <vector>

namespace aio::detail {

class ServerState;

/// The tasks that serve the connections of a stream server, as long as they run. A task may outlive its
/// connection, and the server's state the other way round.
class ServerHandlers {
public:
    ServerHandlers() noexcept = default;
    ServerHandlers(const ServerHandlers&) = delete;
    ServerHandlers& operator=(const ServerHandlers&) = delete;

    /// Calls `callback` and keeps account of the task that it gives.
    AnyTask call(const ClientConnectedCallback& callback, StreamReader reader, StreamWriter writer);
    /// Whose end is told, when the last task is gone; null for nobody.
    void tell(ServerState* owner) noexcept { owner_ = owner; }

    bool empty() const noexcept { return running_.empty(); }
    /// Those that run, but for the current one.
    std::vector<AnyTask> others();
    /// Whose connections they serve, in the order of their addresses.
    std::vector<const Transport*> transports();

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    /// Belongs to the task's callback, and so ends when the task does, however.
    struct Running : ListLink, pool::Pooled {
        Running(ServerHandlers& owner, FutureBase& running, StreamWriter served)
            : all(&owner), task(running), writer(std::move(served)) {
            owner.running_.push_back(*this);
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running();
        Ref<ServerHandlers> all;
        FutureBase& task;
        StreamWriter writer;  // knows the transport, also after start_tls()
    };
    ~ServerHandlers() = default;

    List<Running> running_;
    ServerState* owner_ = nullptr;
    unsigned refs_ = 0;
};

/// What makes the protocols of a server, and for streams the account of the tasks that serve them.
struct ServedBy {
    explicit ServedBy(AnyProtocolFactory made_by) : factory(std::move(made_by)) {}
    ServedBy(ClientConnectedCallback callback, std::size_t limit);

    AnyProtocolFactory factory;
    Ref<ServerHandlers> handlers;
};

}  // namespace aio::detail
