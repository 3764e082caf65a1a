// SPDX-License-Identifier: MIT
// A web client that asks for the same N times, 64 requests at once: http_client_bench URL N. The same on
// others is peers/*_client.*.
#include "measure.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/http.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kInFlight = 64;

aio::Coro<> fetch(aio::http::ClientSession& session, const aio::http::URL& url, std::uint64_t& left) {
    while (left > 0) {
        --left;
        auto response = co_await session.get(url);
        const std::string& body = co_await response.read();
        if (response.status() != 200 || body.empty()) std::abort();
        measure::sink += body.size();
    }
}

aio::Coro<> fetch_all(aio::http::ClientSession& session, const aio::http::URL& url, std::uint64_t count) {
    std::vector<aio::Coro<>> fetches;
    for (std::uint64_t i = 0; i < kInFlight; ++i) fetches.push_back(fetch(session, url, count));
    co_await aio::gather(std::move(fetches));
}

aio::Coro<> amain(const measure::Request& request) {
    const aio::http::URL url(request.bench);
    aio::http::ClientSession session;
    co_await fetch_all(session, url, kInFlight);  // each connection once
    const measure::Span span;
    co_await fetch_all(session, url, request.count);
    span.report(request.bench, request.count);
    co_await session.close();
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    const measure::Request request(argc, argv);
    return aio::run(amain(request));
}
