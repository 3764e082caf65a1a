// SPDX-License-Identifier: MIT
// aio bench: how fast a server answers.
#include "bench_report.hpp"
#include "command.hpp"
#include "session.hpp"

#include <aio/aio.hpp>

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::array kOptions{
    Option{"connections", 'c', "N", "at the same time; 64"},
    Option{"duration", 'd', "TIME", "for so long; 10s"},
    Option{"requests", 'n', "N", "so many instead"},
    Option{"rate", 'r', "N", "so many a second, whether the last ones were answered or not"},
    Option{"method", 'X', "METHOD", "GET, or POST with --data"},
    Option{"data", 0, "TEXT", "the requests' body"},
    Option{"header", 'H', "'NAME: VALUE'", "a header of the requests; may be given several times"},
    Option{"timeout", 0, "TIME", "of each request; 30s"},
    Option{"insecure", 'k', "", "does not check the server's certificate"},
    Option{"json", 0, "", "the results as JSON"},
};

constexpr std::string_view kMore =
    R"(Without --rate each connection sends a request when the last one was answered (closed
loop): a server that stands still is asked less. With it the times count from when a request was due (open loop), so
they are those of users who do not wait for each other.

  aio bench http://127.0.0.1:8080/
  aio bench -c 200 -d 30s -r 5000 http://127.0.0.1:8080/
)";

struct Plan {
    http::URL url;
    std::string method;
    std::string body;
    std::size_t connections = 64;
    std::optional<std::size_t> requests;
    std::optional<double> rate;
    Duration duration = 10s;
    Duration timeout = 30s;
};

double own_cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Bench {
public:
    Bench(Plan plan, const http::SessionOptions& options)
        : plan_(std::move(plan)), session_(session_with(options, plan_)) {}

    Coro<BenchResult> run() {
        co_await ask();  // one that does not count tells whether there is anything at all
        if (result_.statuses.empty()) throw std::runtime_error(result_.errors.begin()->first);
        result_ = BenchResult();
        const double cpu = own_cpu_seconds();
        begin_ = Clock::now();
        std::vector<Coro<>> connections;
        for (std::size_t i = 0; i < plan_.connections; ++i) connections.push_back(work());
        co_await gather(std::move(connections));
        result_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
        result_.cpu = (own_cpu_seconds() - cpu) / result_.seconds;
        co_await session_.close();
        co_return std::move(result_);
    }

private:
    static http::ClientSession session_with(http::SessionOptions options, const Plan& plan) {
        options.connector(
            std::make_shared<http::TCPConnector>(http::ConnectorOptions().limit(plan.connections)));
        options.cookie_jar(std::make_shared<http::DummyCookieJar>());
        options.auto_decompress(false);
        options.timeout(http::ClientTimeout().total(plan.timeout));
        return http::ClientSession(std::move(options));
    }

    /// Whether there is another request, and when it is due.
    bool next(Clock::time_point& due) {
        if (plan_.requests && number_ >= *plan_.requests) return false;
        due = Clock::now();
        if (plan_.rate) {
            const double at = static_cast<double>(number_) / *plan_.rate;
            due = begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(at));
        }
        if (!plan_.requests && due - begin_ >= plan_.duration) return false;
        ++number_;
        return true;
    }
    Coro<> work() {
        Clock::time_point due;
        while (next(due)) {
            const auto now = Clock::now();
            if (due > now) co_await sleep(due - now);
            const bool answered = co_await ask();
            if (answered) result_.times.add(Clock::now() - due);
        }
    }
    /// Whether it was answered.
    Coro<bool> ask() {
        std::string error;
        try {
            auto request = session_.request(plan_.method, plan_.url).allow_redirects(false);
            if (!plan_.body.empty()) request.data(plan_.body);
            auto response = co_await std::move(request);
            const std::string body = co_await response.read();
            result_.bytes += body.size();
            ++result_.statuses[response.status()];
        } catch (const CancelledError&) {
            throw;
        } catch (const std::exception& e) {
            error = e.what();
        }
        if (!error.empty()) ++result_.errors[error];
        co_return error.empty();
    }

    const Plan plan_;
    http::ClientSession session_;
    BenchResult result_;
    Clock::time_point begin_;
    std::size_t number_ = 0;
};

int bench(const Arguments& arguments) {
    Plan plan{
        .url = url_of(arguments.only_word("URL")), .method = {}, .body = {}, .requests = {}, .rate = {}};
    plan.body = arguments.get("data").value_or("");
    plan.method = arguments.get("method").value_or(arguments.has("data") ? "POST" : "GET");
    plan.connections = arguments.number("connections").value_or(plan.connections);
    plan.requests = arguments.number("requests");
    if (const auto rate = arguments.number("rate")) plan.rate = static_cast<double>(*rate);
    plan.duration = arguments.duration("duration").value_or(plan.duration);
    plan.timeout = arguments.duration("timeout").value_or(plan.timeout);
    const std::string url = plan.url.str();
    const std::size_t connections = plan.connections;
    const auto rate = plan.rate;
    Bench work(std::move(plan), session_options(arguments));
    const BenchResult result = aio::run(work.run());
    if (arguments.has("json")) {
        print_json(result, url, connections, rate);
    } else {
        print_report(result, url, connections, rate);
    }
    return result.errors.empty() ? 0 : 1;
}

}  // namespace

const Command kBench{"bench", "[OPTION...] URL", "Measures how fast a server answers",
                     kMore,   kOptions,          bench};

}  // namespace aio::cli
