// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/web/log/access_log_format.hpp>

#include <string_view>

namespace aio::web {

class Request;
class Response;

/// Is told of each request that was answered. Mirrors aiohttp.abc.AbstractAccessLogger.
class AbstractAccessLogger {
public:
    AbstractAccessLogger() = default;
    AbstractAccessLogger(const AbstractAccessLogger&) = delete;
    AbstractAccessLogger& operator=(const AbstractAccessLogger&) = delete;
    virtual ~AbstractAccessLogger() = default;
    /// Called when the response was sent, `took` after the request's head had come. What it throws ends the
    /// connection.
    virtual void log(const Request& request, const Response& response, Duration took) = 0;
};

/// Writes a line for each. Mirrors aiohttp.web_log.AccessLogger.
class AccessLogger : public AbstractAccessLogger {
public:
    using Sink = aio::detail::SharedFunction<void(std::string_view line)>;

    /// `sink` is given each line, without an end; by default it goes to aio::log() as information, which
    /// set_log_handler() has to let through.
    explicit AccessLogger(std::string_view format = AccessLogFormat::kDefault, Sink sink = Sink());
    void log(const Request& request, const Response& response, Duration took) override;

private:
    AccessLogFormat format_;
    Sink sink_;
    std::string line_;
};

}  // namespace aio::web
