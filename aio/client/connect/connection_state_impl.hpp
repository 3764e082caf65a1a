// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/http/parser.hpp>
#include <aio/http/parser_options.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace aio::http::detail {

class ConnectionGroup;
class ConnectionPool;
class ConnectionState;

/// The protocol of a pool's connection: a stream's, that tells when something happens while nobody uses it.
/// In its pool's list from connection_made() to connection_lost().
class PooledProtocol final : public StreamReaderProtocol, public aio::detail::ListLink {
public:
    PooledProtocol(aio::StreamReader reader, ConnectionPool* pool)
        : StreamReaderProtocol(std::move(reader)), pool_(pool) {}
    ~PooledProtocol() override { unlink(); }

    void connection_made(Transport& transport) override;
    void connection_lost(std::exception_ptr error) override;
    void buffer_updated(std::size_t count) override;
    bool eof_received() override;

private:
    friend class ConnectionPool;
    friend class ConnectionState;

    ConnectionPool* pool_;              // null if there is none any more
    ConnectionState* state_ = nullptr;  // null once it has ended the connection
    bool idle_ = false;
};

/// Links of an idle connection: among all of the pool, the one that is idle for longest first, and among
/// those of its group.
struct ByAge : aio::detail::ListLink {};
struct InGroup : aio::detail::ListLink {};

/// A connection with all that belongs to it. It is made once, and goes back and forth between the pool and
/// those to whom it is lent: a Connection owns it, or while it is idle it owns itself, through its pool. As
/// long as it is lent it keeps the pool, so that a connector may go before its connections.
class ConnectionState final : public ByAge, public InGroup {
public:
    /// `protocol` is null for a connection that no pool has made.
    ConnectionState(aio::StreamReader reader, aio::StreamWriter writer,
                    std::shared_ptr<PooledProtocol> protocol);
    ConnectionState(const ConnectionState&) = delete;
    ConnectionState& operator=(const ConnectionState&) = delete;
    ~ConnectionState();

    const aio::StreamReader& reader() const noexcept { return reader_; }
    const aio::StreamWriter& writer() const noexcept { return writer_; }
    ResponseParser& parser() noexcept { return *parser_; }
    void set_parser_options(const ParserOptions& options);

    /// Nothing is left of the last request, and the peer is there.
    bool reusable() const noexcept;
    /// Whether nothing has arrived on an idle connection that the loop has not been told of yet. Looked at
    /// only if it is idle for longer than a turn of the loop takes, because that costs a system call.
    bool is_quiet(Duration idle) const noexcept;
    /// Ends the connection without waiting for that. `grace`: TLS says goodbye.
    void end(bool grace) noexcept;
    /// To its pool, if it has one, as ConnectionPool::take_back().
    static void give_back(std::shared_ptr<ConnectionState> connection, bool keep) noexcept;

    std::string proxy_authorization;  ///< of plain requests through a proxy
    bool through_proxy = false;
    bool reused = false;
    bool is_ssl = false;

private:
    friend class ConnectionPool;
    friend class ConnectionGroup;

    aio::StreamReader reader_;
    aio::StreamWriter writer_;
    std::shared_ptr<PooledProtocol> protocol_;
    std::optional<ResponseParser> parser_;
    ParserOptions options_;
    std::shared_ptr<ConnectionPool> pool_;     // while it is lent
    ConnectionGroup* group_ = nullptr;         // where it counts
    std::shared_ptr<ConnectionState> itself_;  // while it is idle
    TimePoint idle_since_{};
};

}  // namespace aio::http::detail
