// SPDX-License-Identifier: MIT
// What it costs to find a route among 1,000: router_bench BENCH N. The same on others is peers/*_router.*.
#include "measure.hpp"

#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <cstddef>
#include <string>
#include <vector>

using measure::sink;

namespace {

constexpr std::size_t kRoutes = 1000;

aio::Coro<aio::web::Response> handler(aio::web::Request&) { co_return aio::web::Response(); }

// In an order that no processor foresees: a step that shares no divisor with their number.
void look_up(const aio::web::UrlDispatcher& router, const std::vector<std::string>& paths, std::uint64_t n) {
    aio::web::UrlMappingMatchInfo match;
    std::size_t next = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
        next = (next + 617) % paths.size();
        router.resolve("GET", "example.com", paths[next], match);
        sink += static_cast<std::uint64_t>(match.status()) + match.size();
    }
}

// Routes "<before><number><behind>", and a request to each with `value` in the place of the variables.
void run(const std::string& bench, std::uint64_t n, const std::string& before, const std::string& behind,
         const std::string& sent_before, const std::string& sent_behind) {
    aio::web::UrlDispatcher router;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < kRoutes; ++i) {
        router.add_get(before + std::to_string(i) + behind, handler);
        paths.push_back(sent_before + std::to_string(i) + sent_behind);
    }
    router.freeze();
    look_up(router, paths, kRoutes);
    const measure::Span span;
    look_up(router, paths, n);
    span.report(bench, n);
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const std::string& bench = request.bench;
    if (bench == "route_plain") {
        run(bench, request.count, "/api/resource", "/items", "/api/resource", "/items");
    } else if (bench == "route_variable") {
        run(bench, request.count, "/api/resource", "/items/{id}", "/api/resource", "/items/12345");
    } else if (bench == "route_digits") {
        run(bench, request.count, "/api/resource", "/{id:\\d+}/items", "/api/resource", "/12345/items");
    } else if (bench == "route_behind") {
        run(bench, request.count, "/repos/{owner}/{name}/action", "", "/repos/ada/engine/action", "");
    } else if (bench == "route_none") {
        run(bench, request.count, "/api/resource", "/items", "/api/resource", "/none");
    } else {
        request.unknown();
    }
}
