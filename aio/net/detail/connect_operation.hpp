// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace aio {
class EventLoop;
}

namespace aio::detail {

/// One attempt to connect a non-blocking socket; tells when it has ended. The part of create_connection()
/// that needs no coroutine.
///
/// It may live in an awaiting frame: destroying it withdraws everything. The socket is the caller's and
/// must outlive the attempt.
class ConnectOperation : private IoWatch, private Runnable {
public:
    ConnectOperation(EventLoop& loop, const Socket& socket, SocketAddress peer) noexcept;
    ConnectOperation(const ConnectOperation&) = delete;
    ConnectOperation& operator=(const ConnectOperation&) = delete;

    /// Begins. True: ended at once, and connected() will not be called; see error().
    bool start();
    /// Withdraws; connected() will not be called.
    void abandon() noexcept;
    /// Why it failed, null if it succeeded: "connect to 127.0.0.1:81: Connection refused".
    std::exception_ptr error() const;
    /// For reports: "connect to 127.0.0.1:81".
    std::string name() const { return "connect to " + peer_.str(); }

protected:
    ~ConnectOperation() { abandon(); }
    /// The attempt ended. Called from the ready queue.
    virtual void connected() = 0;

private:
    void on_events(std::uint32_t events) noexcept final;
    void run() final;
    void discard() noexcept final { queued_ = false; }
    std::string repr() const final { return "<" + name() + ">"; }

    EventLoop& loop_;
    SocketAddress peer_;
    int error_ = 0;
    bool queued_ = false;
};

}  // namespace aio::detail
