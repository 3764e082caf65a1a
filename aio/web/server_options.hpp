// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/http/parser_options.hpp>
#include <aio/web/log/access_logger.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::web {

/// Keyword arguments of Server and AppRunner: what the connections of a server may do and take. Mirrors those
/// of aiohttp.web.Server.
///
/// Time limits are durations, or std::nullopt for none; ValueError if they are negative or a NaN.
class ServerOptions {
public:
    ServerOptions() {}
    /// How long a connection may be idle between two requests, or before the first one; 3630 s.
    ServerOptions& keepalive_timeout(TimeLimit limit) &;
    ServerOptions&& keepalive_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->keepalive_timeout(limit));
    }
    /// How long the head of a request may take from its first byte on; 60 s. After that 408 is answered.
    /// aiohttp has no such limit.
    ServerOptions& head_timeout(TimeLimit limit) &;
    ServerOptions&& head_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->head_timeout(limit));
    }
    /// How long a handler that reads the body may have to wait for more of it; 60 s. After that 408 is
    /// answered. aiohttp has no such limit.
    ServerOptions& body_timeout(TimeLimit limit) &;
    ServerOptions&& body_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->body_timeout(limit));
    }
    /// How long a body that the handler has not read is read and dropped after the answer, before the
    /// connection is closed; 10 s.
    ServerOptions& lingering_time(TimeLimit limit) &;
    ServerOptions&& lingering_time(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->lingering_time(limit));
    }
    /// How long the client of a TCP site may take nothing of an answer that waits to be sent; 60 s. After
    /// that the connection is lost. One that reads slowly has as long again each time that it has read
    /// something. aiohttp has no such limit.
    ServerOptions& send_timeout(TimeLimit limit) &;
    ServerOptions&& send_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->send_timeout(limit));
    }
    /// Whether the handler is cancelled when the client closes the connection, or says that it has sent its
    /// last byte; off.
    ServerOptions& handler_cancellation(bool on) & {
        handler_cancellation_ = on;
        return *this;
    }
    ServerOptions&& handler_cancellation(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->handler_cancellation(on));
    }
    /// SO_KEEPALIVE on connections of a TCP site; on.
    ServerOptions& tcp_keepalive(bool on) & {
        tcp_keepalive_ = on;
        return *this;
    }
    ServerOptions&& tcp_keepalive(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->tcp_keepalive(on));
    }
    /// How large a body Request::read() takes, in bytes; 1 MiB. Larger ones are answered by 413.
    ServerOptions& client_max_size(std::uint64_t bytes) & {
        client_max_size_ = bytes;
        return *this;
    }
    ServerOptions&& client_max_size(std::uint64_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->client_max_size(bytes));
    }
    /// How much is read from a connection before it has to wait, in bytes; 64 KiB. Not less than
    /// ParserOptions::max_head_size().
    ServerOptions& read_bufsize(std::size_t bytes) &;
    ServerOptions&& read_bufsize(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->read_bufsize(bytes));
    }
    /// Whether a body that came compressed is decoded while it is read; on. Request::read()'s limit counts
    /// what comes out.
    ServerOptions& auto_decompress(bool on) & {
        auto_decompress_ = on;
        return *this;
    }
    ServerOptions&& auto_decompress(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->auto_decompress(on));
    }
    /// Limits of heads: max_line_size, max_field_size, max_headers and more.
    ServerOptions& parser(const http::ParserOptions& limits) & {
        parser_ = limits;
        return *this;
    }
    ServerOptions&& parser(const http::ParserOptions& limits) && AIO_LIFETIME_BOUND {
        return std::move(this->parser(limits));
    }
    /// Who is told of each request that was answered; nobody. Loops in several threads need one each: see
    /// access_log_format().
    ServerOptions& access_log(std::shared_ptr<AbstractAccessLogger> logger) & {
        access_log_ = std::move(logger);
        return *this;
    }
    ServerOptions&& access_log(std::shared_ptr<AbstractAccessLogger> logger) && AIO_LIFETIME_BOUND {
        return std::move(this->access_log(std::move(logger)));
    }
    /// An AccessLogger of this format, in the language of AccessLogFormat, which each server makes for
    /// itself; AccessLogFormat::kDefault is aiohttp's.
    ServerOptions& access_log_format(std::string_view format) & {
        access_log_format_.emplace(format);
        return *this;
    }
    ServerOptions&& access_log_format(std::string_view format) && AIO_LIFETIME_BOUND {
        return std::move(this->access_log_format(format));
    }
    /// Whether pages of errors of the server's show the traceback; off. Mirrors debug.
    ServerOptions& debug(bool on) & {
        debug_ = on;
        return *this;
    }
    ServerOptions&& debug(bool on) && AIO_LIFETIME_BOUND { return std::move(this->debug(on)); }

    TimeLimit get_keepalive_timeout() const noexcept { return keepalive_timeout_; }
    TimeLimit get_head_timeout() const noexcept { return head_timeout_; }
    TimeLimit get_body_timeout() const noexcept { return body_timeout_; }
    TimeLimit get_lingering_time() const noexcept { return lingering_time_; }
    TimeLimit get_send_timeout() const noexcept { return send_timeout_; }
    bool get_handler_cancellation() const noexcept { return handler_cancellation_; }
    bool get_tcp_keepalive() const noexcept { return tcp_keepalive_; }
    std::uint64_t get_client_max_size() const noexcept { return client_max_size_; }
    std::size_t get_read_bufsize() const noexcept { return read_bufsize_; }
    const http::ParserOptions& get_parser() const noexcept { return parser_; }
    bool get_auto_decompress() const noexcept { return auto_decompress_; }
    const std::shared_ptr<AbstractAccessLogger>& get_access_log() const noexcept { return access_log_; }
    const std::optional<std::string>& get_access_log_format() const noexcept { return access_log_format_; }
    bool get_debug() const noexcept { return debug_; }

private:
    TimeLimit keepalive_timeout_ = std::chrono::seconds(3630);
    TimeLimit head_timeout_ = std::chrono::seconds(60);
    TimeLimit body_timeout_ = std::chrono::seconds(60);
    TimeLimit lingering_time_ = std::chrono::seconds(10);
    TimeLimit send_timeout_ = std::chrono::seconds(60);
    std::uint64_t client_max_size_ = std::uint64_t{1024} * 1024;
    std::size_t read_bufsize_ = std::size_t{64} * 1024;
    http::ParserOptions parser_;
    std::shared_ptr<AbstractAccessLogger> access_log_;
    std::optional<std::string> access_log_format_;
    bool handler_cancellation_ = false;
    bool tcp_keepalive_ = true;
    bool auto_decompress_ = true;
    bool debug_ = false;
};

}  // namespace aio::web
