// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/close_watch.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/loop/detail/timer_heap.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstdint>

namespace aio {
class EventLoop;
}

namespace aio::detail {

/// Accepts connections on one bound socket.
///
/// Per readiness event up to backlog + 1 connections are accepted. When the system is short of
/// descriptors or memory that is reported ("socket.accept() out of system resource"), and accepting
/// pauses for a second (S151).
/// Threads: the loop's.
class Listener final : private IoWatch, private CloseWatch, private Runnable {
public:
    /// Who gets the connections; must outlive the listener or its close().
    class Owner {
    public:
        /// A connection came; its socket is non-blocking. Called from the ready queue.
        virtual void accepted(Socket connection, SocketAddress peer) = 0;
        /// The loop closed; the listener is closed and will not use the owner again.
        virtual void loop_closed(Listener& listener) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    /// `socket` is bound, but does not listen yet.
    Listener(EventLoop& loop, Socket socket, int backlog, Owner& owner) noexcept;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { close(); }

    /// Listens and begins to accept. Idempotent. Throws OSError.
    void start();
    /// Stops accepting and closes the socket. Idempotent.
    void close() noexcept;

    TransportSocket socket() const noexcept { return socket_.view(); }

private:
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override;
    void run() override;
    void discard() noexcept override { queued_ = false; }
    std::string repr() const override { return "<accept on " + socket_.view().repr() + ">"; }

    /// Ends the pause.
    struct Retry final : TimerNode {
        explicit Retry(Listener& owner) noexcept : listener(owner) {}
        void run() override { listener.resume(); }  // may be the listener's end
        std::string repr() const override { return listener.repr(); }
        Listener& listener;
    };

    bool accept_one();
    bool accept_failed(int error);
    void pause(int error, const char* message);
    void resume();

    EventLoop& loop_;
    Socket socket_;
    Owner& owner_;
    int backlog_;
    bool queued_ = false;
    bool serving_ = false;
    bool pausing_ = false;
    Retry retry_{*this};
};

}  // namespace aio::detail
