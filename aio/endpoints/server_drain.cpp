// SPDX-License-Identifier: MIT
// How a server comes to its end in time: Server::drain(), and the tasks that it cancels.
#include <aio/base/error.hpp>
#include <aio/compose/wait_for.hpp>
#include <aio/endpoints/server_handlers_impl.hpp>
#include <aio/endpoints/server_state_impl.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <algorithm>
#include <functional>
#include <optional>

namespace aio::detail {

AnyTask ServerHandlers::call(const ClientConnectedCallback& callback, StreamReader reader,
                             StreamWriter writer) {
    const Ref<ServerHandlers> keep(this);
    StreamWriter served = writer;
    AnyTask task = callback(std::move(reader), std::move(writer));
    if (task && !task.done()) {
        task.add_done_callback([running = std::make_unique<Running>(*this, *task.state(), std::move(served))](
                                   const AnyFuture&) {});
    }
    return task;
}

ServerHandlers::Running::~Running() {
    unlink();
    if (all->empty() && all->owner_) all->owner_->handlers_ended();
}

std::vector<AnyTask> ServerHandlers::others() {
    std::vector<AnyTask> tasks;
    const AnyTask self = current_task();
    running_.for_each([&](Running& running) {
        AnyTask task = AnyTask::from_state(Ref<FutureBase>(&running.task));
        if (!task.done() && task != self) tasks.push_back(std::move(task));
    });
    return tasks;
}

std::vector<const Transport*> ServerHandlers::transports() {
    std::vector<const Transport*> served;
    // As members() gives them: a handler may have upgraded its own.
    running_.for_each([&](Running& running) { served.push_back(&topmost(running.writer.transport())); });
    std::sort(served.begin(), served.end(), std::less<>());
    return served;
}

ServedBy::ServedBy(ClientConnectedCallback callback, std::size_t limit) : handlers(new ServerHandlers) {
    ClientConnectedCallback counted = [all = handlers, callback = std::move(callback)](StreamReader reader,
                                                                                       StreamWriter writer) {
        return all->call(callback, std::move(reader), std::move(writer));
    };
    factory = [counted = std::move(counted), limit] {
        return std::make_shared<StreamReaderProtocol>(StreamReader(limit), counted);
    };
}

std::size_t ServerState::Busy::count() const noexcept { return tasks.size() + unserved.size(); }

ServerState::Busy ServerState::busy() {
    Busy now;
    now.unserved = members();
    if (!handlers_) return now;
    now.tasks = handlers_->others();
    const std::vector<const Transport*> served = handlers_->transports();
    std::erase_if(now.unserved, [&](const Ref<Transport>& transport) {
        return std::binary_search(served.begin(), served.end(), transport.get());
    });
    return now;
}

namespace {

// Whether nothing is left of the connections and of the tasks that serve them.
Coro<bool> quiet_within(Ref<ServerState> state, TimeLimit limit) {
    if (state->quiet()) co_return true;
    const Future<> quiet = state->loop().create_future<>();
    state->drains.push_back(quiet);
    struct Leave {
        ServerState& state;
        const Future<>& waiter;
        ~Leave() { std::erase(state.drains, waiter); }
    } const leave{*state, quiet};
    try {
        co_await wait_for(quiet, limit);
    } catch (const TimeoutError&) {
        co_return false;
    }
    co_return true;
}

}  // namespace

Coro<DrainReport> drain(Ref<ServerState> state, TimeLimit timeout, TimeLimit grace) {
    state->close();
    DrainReport report;
    const std::size_t before = state->busy().count();
    bool quiet = co_await quiet_within(state, timeout);
    ServerState::Busy late = state->busy();
    report.finished = before - std::min(before, late.count());
    if (quiet) co_return report;
    for (const AnyTask& task : late.tasks) task.cancel();
    for (const Ref<Transport>& transport : late.unserved) transport->close();
    quiet = co_await quiet_within(state, grace);
    ServerState::Busy left = state->busy();
    report.cancelled = late.count() - std::min(late.count(), left.count());
    if (quiet) co_return report;
    for (const AnyTask& task : left.tasks) report.left.push_back(task.repr());
    for (const Ref<Transport>& transport : left.unserved) report.left.push_back(transport->repr());
    for (const Ref<Transport>& transport : state->members()) transport->abort();
    left = ServerState::Busy();
    late = ServerState::Busy();
    co_await wait_finished(state);
    co_return report;
}

Coro<> end_server(Ref<ServerState> state) {
    state->close();
    if (!state->limits) {
        co_await wait_finished(state);
        co_return;
    }
    const DrainReport report = co_await drain(state, state->limits->timeout, state->limits->grace);
    if (report.left.empty()) co_return;
    state->loop().report(nullptr, [&] {
        std::string text = "Server was closed in the middle of " + std::to_string(report.left.size()) + ": ";
        for (const std::string& one : report.left) text += (&one == &report.left.front() ? "" : ", ") + one;
        return ExceptionContext(std::move(text));
    });
}

Coro<> ServerState::AtTheEnd::shutdown() { return end_server(Ref<ServerState>(&state)); }

}  // namespace aio::detail
