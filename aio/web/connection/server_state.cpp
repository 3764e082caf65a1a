// SPDX-License-Identifier: MIT
#include <aio/compose/wait_for.hpp>
#include <aio/http/dates.hpp>
#include <aio/web/connection/http1_exchange_impl.hpp>
#include <aio/web/connection/request_handler_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>

#include <chrono>
#include <ctime>

namespace aio::web::detail {
namespace {

/// How many exchanges that nobody uses are kept: as many as there were requests at work at once, within
/// reason.
constexpr std::size_t kSpare = 256;

std::shared_ptr<AbstractAccessLogger> access_log_of(const ServerOptions& options) {
    if (options.get_access_log()) return options.get_access_log();
    const auto& format = options.get_access_log_format();
    return format ? std::make_shared<AccessLogger>(*format) : nullptr;
}

}  // namespace

ServerState::ServerState(EventLoop& loop_, Handler handler_, ServerOptions options_)
    : loop(loop_),
      handler(std::move(handler_)),
      options(std::move(options_)),
      access_log(access_log_of(options)),
      idle(loop, options.get_keepalive_timeout()),
      heads(loop, options.get_head_timeout()),
      bodies(loop, options.get_body_timeout()),
      lingering(loop, options.get_lingering_time()) {}

ServerState::~ServerState() = default;

std::unique_ptr<Http1Exchange> ServerState::take_exchange() {
    if (spare_.empty()) return std::make_unique<Http1Exchange>(*this);
    std::unique_ptr<Http1Exchange> exchange = std::move(spare_.back());
    spare_.pop_back();
    return exchange;
}

void ServerState::give_exchange(std::unique_ptr<Http1Exchange> exchange) noexcept {
    if (spare_.size() >= kSpare) return;
    try {
        spare_.push_back(std::move(exchange));
    } catch (const std::bad_alloc&) {
        // Then the next one is a new one.
    }
}

std::string_view ServerState::common_fields() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != common_second_) {
        const std::chrono::sys_seconds second{std::chrono::seconds(now.tv_sec)};
        common_fields_.assign("Date: ");
        http::append_date(common_fields_, second);
        common_fields_.append("\r\nServer: aio\r\n\r\n");
        common_second_ = now.tv_sec;
    }
    return common_fields_;
}

void ServerState::connection_gone() noexcept {
    if (closing && connections.empty()) gone_.set();
}

void ServerState::begin_shutdown() noexcept {
    closing = true;
    connections.for_each([](ConnectionLink& link) { link.connection.close_if_idle(); });
}

Coro<> ServerState::shutdown(TimeLimit timeout) {
    begin_shutdown();
    if (connections.empty()) co_return;
    gone_.clear();
    try {
        co_await wait_for(gone_.wait(), timeout);
        co_return;
    } catch (const TimeoutError&) {
        // Those that are left are cancelled.
    }
    connections.for_each([](ConnectionLink& link) { link.connection.cancel(); });
    co_await gone_.wait();
}

}  // namespace aio::web::detail
