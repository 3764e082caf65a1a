// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/log/access_logger.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response_impl.hpp>

#include <string>

namespace aio::web {
namespace {

/// A request that was answered.
class Answered final : public AccessLogRecord {
public:
    Answered(const Request& request, const Response& response, Duration took)
        : request_(request),
          response_(response),
          took_(took),
          remote_(request.remote()),
          version_(std::to_string(request.version().major) + "." + std::to_string(request.version().minor)),
          length_(std::to_string(body_length())) {}

    std::string_view remote() const override { return remote_; }
    std::string_view method() const override { return request_.method(); }
    std::string_view target() const override { return request_.raw_path(); }
    std::string_view version() const override { return version_; }
    std::optional<std::string_view> request_header(std::string_view name) const override {
        return request_.header(name);
    }
    int status() const override { return response_.status(); }
    std::uint64_t body_length() const override { return request_.exchange().output_size(); }
    std::optional<std::string_view> response_header(std::string_view name) const override {
        const http::HeaderName wanted(name);
        if (const auto set = response_.headers().get(wanted)) return set;
        // What was added when it was sent.
        if (http::equal_ignoring_case(name, "Content-Length")) return length_;
        if (!http::equal_ignoring_case(name, "Content-Type")) return std::nullopt;
        const std::string_view type = detail::type_of_body(response_.state("access log"));
        return type.empty() ? std::nullopt : std::optional(type);
    }
    std::chrono::system_clock::time_point started() const override {
        return std::chrono::system_clock::now() -
               std::chrono::duration_cast<std::chrono::system_clock::duration>(took_);
    }
    std::chrono::nanoseconds duration() const override { return took_; }

private:
    const Request& request_;
    const Response& response_;
    Duration took_;
    std::string remote_;
    std::string version_;
    std::string length_;
};

}  // namespace

AccessLogger::AccessLogger(std::string_view format, Sink sink) : format_(format), sink_(std::move(sink)) {}

void AccessLogger::log(const Request& request, const Response& response, Duration took) {
    line_.clear();
    format_.append(line_, Answered(request, response, took));
    if (sink_) return sink_(line_);
    aio::log(LogLevel::info, line_);
}

}  // namespace aio::web
