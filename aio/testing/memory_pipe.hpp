// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/time.hpp>
#include <aio/endpoints/open_connection.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_factory.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace aio::testing {

/// How a MemoryPipe carries bytes.
class MemoryPipeOptions {
public:
    MemoryPipeOptions() {}
    /// What is sent arrives so much later, in order; in the loop's time, so a VirtualClock makes it pass.
    template <class Rep, class Period>
    MemoryPipeOptions& latency(std::chrono::duration<Rep, Period> delay) & {
        latency_ = to_duration(delay);
        return *this;
    }
    template <class Rep, class Period>
    MemoryPipeOptions&& latency(std::chrono::duration<Rep, Period> delay) && AIO_LIFETIME_BOUND {
        return std::move(this->latency(delay));
    }
    /// So many bytes at most are received at once: 1 is byte by byte.
    MemoryPipeOptions& chunk_size(std::size_t bytes) & {
        chunk_size_ = bytes;
        return *this;
    }
    MemoryPipeOptions&& chunk_size(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->chunk_size(bytes));
    }
    /// So many bytes may be on their way in each direction, as a socket's buffers hold; the sender keeps the
    /// rest.
    MemoryPipeOptions& capacity(std::size_t bytes) & {
        capacity_ = bytes;
        return *this;
    }
    MemoryPipeOptions&& capacity(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->capacity(bytes));
    }
    Duration get_latency() const noexcept { return latency_; }
    std::size_t get_chunk_size() const noexcept { return chunk_size_; }
    std::size_t get_capacity() const noexcept { return capacity_; }

private:
    Duration latency_ = Duration::zero();
    std::size_t chunk_size_ = 64 * 1024;
    std::size_t capacity_ = 256 * 1024;
};

/// A connection in memory: two transports on one loop, what either writes the other reads, and a script that
/// may do to it what networks do. Copies of the handle share it.
///
///     MemoryPipe pipe(MemoryPipeOptions().latency(20ms).chunk_size(1));
///     auto connection = co_await open_memory_connection(pipe);
///     auto& [client, server] = connection;
///     ...
///     pipe.lose();    // both ends: ConnectionResetError
///
/// The transports keep the rules of sockets, those of a Unix socket where TCP has others. Where there is no
/// memory for what is on its way, the end that needs it is lost with std::bad_alloc. Threads: the loop's.
class MemoryPipe {
public:
    enum class End : std::uint8_t { first, second };
    struct State;

    explicit MemoryPipe(const MemoryPipeOptions& options = MemoryPipeOptions());

    /// The transport of one end; each to be made once. connection_made() follows in the next iteration.
    /// Throws TypeError if `protocol` is neither a Protocol nor a BufferedProtocol, RuntimeError if the end
    /// was made before or the loop is closed, ValueError if the other end was made on another loop.
    Ref<Transport> make_transport(EventLoop& loop, End end, std::shared_ptr<BaseProtocol> protocol,
                                  SocketTransportOptions options = SocketTransportOptions()) const;

    /// Another way to carry, for what is sent and received from now on.
    void set_options(const MemoryPipeOptions& options) const;
    /// Nothing arrives any more, also no end of file, until release().
    void hold() const;
    void release() const;
    /// As if `end` had closed its sending direction: what it has sent arrives, then the end of file. What it
    /// still writes fails as on a closed pipe.
    void shut_down(End end) const;
    /// The connection is lost: what is on its way is gone, and both ends fail with the error of that number.
    void lose(int error_number = ECONNRESET) const;
    /// Bytes that `end` has sent and the other has not received.
    std::size_t in_flight(End end) const noexcept;

private:
    std::shared_ptr<State> state_;
};

/// Streams over both ends of `pipe`, when both are connected; `limit` is that of the readers.
Coro<std::pair<StreamPair, StreamPair>> open_memory_connection(MemoryPipe pipe = MemoryPipe(),
                                                               std::size_t limit = kDefaultStreamLimit);

}  // namespace aio::testing
