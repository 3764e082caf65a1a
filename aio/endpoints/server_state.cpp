// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/server_state_impl.hpp>
#include <aio/transport/transport_factory.hpp>

#include <utility>

namespace aio::detail {
namespace {

// S131: an error of the network concerns nobody but that peer.
void upgrade_failed(EventLoop& loop, const std::exception_ptr& error) {
    if (exception_ptr_cast<OSError>(error) && !loop.get_debug()) return;
    loop.report(error, [&] {
        ExceptionContext context("Error on transport creation for incoming connection");
        context.exception(error);
        return context;
    });
}

Coro<> upgrade_accepted(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                        std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) {
    try {
        co_await start_tls(below, std::move(protocol), std::move(context), std::move(options));
    } catch (const CancelledError&) {
        throw;
    } catch (...) {
        below->close();  // it may have been refused before anything began
        if (handling_exit_exception()) throw;
        upgrade_failed(get_running_loop(), std::current_exception());
    }
}

/// The first protocol of an accepted connection that is to be upgraded. A task shakes hands.
class AcceptedToUpgrade final : public Protocol {
public:
    AcceptedToUpgrade(EventLoop& loop, std::shared_ptr<BaseProtocol> protocol,
                      std::shared_ptr<TransportUpgrade> context, StartTlsOptions options)
        : loop_(&loop),
          protocol_(std::move(protocol)),
          context_(std::move(context)),
          options_(std::move(options)) {}
    void connection_made(Transport& transport) override {
        transport.pause_reading();
        const Ref<Transport> below(&transport);
        const Task<> task = loop_->create_task(
            upgrade_accepted(below, std::move(protocol_), std::move(context_), std::move(options_)));
        task.add_done_callback([below](const AnyFuture& done) {
            if (done.cancelled()) below->close();  // perhaps before its first step
        });
    }

private:
    EventLoop* loop_;
    std::shared_ptr<BaseProtocol> protocol_;
    std::shared_ptr<TransportUpgrade> context_;
    StartTlsOptions options_;
};

}  // namespace

void add_ref(ServerState& state) noexcept { state.add_ref(); }
void release(ServerState& state) noexcept { state.release(); }

ServerState::ServerState(EventLoop& loop, std::vector<Socket> sockets, ServedBy served_by, int backlog)
    : loop_(&loop), factory_(std::move(served_by.factory)), handlers_(std::move(served_by.handlers)) {
    if (handlers_) handlers_->tell(this);
    Listener::Owner& owner = *this;
    for (Socket& socket : sockets) {
        listeners_.push_back(std::make_unique<Listener>(loop, std::move(socket), backlog, owner));
    }
}

ServerState::~ServerState() {
    if (handlers_) handlers_->tell(nullptr);
}

void ServerState::upgrade_with(std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) {
    ssl_ = std::move(context);
    tls_ = std::move(options);
}

void ServerState::start_serving() {
    if (closed_) throw RuntimeError("server " + repr() + " is closed");
    if (serving_) return;
    if (limits) at_the_end_.add_to(*loop_, true);
    try {
        for (const auto& listener : listeners_) listener->start();
    } catch (...) {
        at_the_end_.remove();
        throw;
    }
    serving_ = true;
    context_ = ContextSlot::copy_current();
    self_ = Ref<ServerState>(this);
}

void ServerState::close() {
    if (closed_) return;
    const Ref<ServerState> keep(this);
    stop_listening();
    if (forever && !forever.done()) forever.cancel();
    wake_if_finished();
}

void ServerState::stop_listening() noexcept {
    closed_ = true;
    serving_ = false;
    file_.remove();
    listeners_.clear();
    self_ = nullptr;
}

// Must not fail: a task's end may be what calls it.
void ServerState::wake_if_finished() {
    if (!finished() || loop_->is_closed()) return;
    const auto wake = [](std::vector<Future<>> told) {
        for (const Future<>& waiter : told) {
            if (!waiter.done()) waiter.set_result();
        }
    };
    const Ref<ServerState> keep(this);
    wake(std::exchange(waiters, {}));
    if (!quiet()) return;
    at_the_end_.remove();
    wake(std::exchange(drains, {}));
}

std::vector<TransportSocket> ServerState::sockets() const {
    std::vector<TransportSocket> views;
    for (const auto& listener : listeners_) views.push_back(listener->socket());
    return views;
}

std::string ServerState::repr() const {
    std::string text = "<Server sockets=(";
    for (const auto& listener : listeners_) {
        if (text.back() != '(') text += ", ";
        text += listener->socket().repr();
    }
    return text + ")>";
}

// As in asyncio the transport is made one iteration after its connection was accepted.
void ServerState::accepted(Socket connection, SocketAddress peer) {
    const ContextScope scope(context_);
    loop_->call_soon(
        [self = Ref<ServerState>(this), socket = std::move(connection), address = std::move(peer)]() mutable {
            if (!self->closed_) self->connect(std::move(socket), std::move(address));
        });
}

void ServerState::connect(Socket connection, SocketAddress peer) {
    try {
        auto protocol = factory_();
        if (closed_) return;  // by the factory: wait_closed() may have returned
        if (ssl_) protocol = std::make_shared<AcceptedToUpgrade>(*loop_, std::move(protocol), ssl_, tls_);
        SocketTransportOptions options;
        options.group(Ref<TransportGroup>(this)).peername(std::move(peer));
        get_transport_factory(*loop_)->make_transport(*loop_, std::move(connection), std::move(protocol),
                                                      std::move(options));
    } catch (...) {
        if (handling_exit_exception()) throw;
        const std::exception_ptr error = std::current_exception();
        loop_->report(error, [&] {
            ExceptionContext context("Error on transport creation for incoming connection");
            context.exception(error);
            return context;
        });
    }
}

void ServerState::loop_closed(Listener&) noexcept {
    const Ref<ServerState> keep(this);
    stop_listening();
}

}  // namespace aio::detail
