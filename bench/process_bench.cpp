// SPDX-License-Identifier: MIT
// Child processes: process_bench BENCH N
//   spawn_true   starts `true` N times, each when the one before has ended, with 1 GiB resident
//   cat          sends N blocks of 64 KiB through `cat`: 16384 are 1 GiB
#include "measure.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/subprocess.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace subprocess = aio::subprocess;

constexpr std::size_t kBlock = 64 * 1024;

aio::Coro<> spawn_true(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        auto child = co_await aio::create_subprocess_exec("true");
        const int code = co_await child.wait();
        measure::sink += static_cast<std::uint64_t>(code);
    }
}

aio::Coro<> feed(aio::StreamWriter writer, std::uint64_t blocks) {
    const auto block = std::make_shared<const std::string>(kBlock, 'x');
    for (std::uint64_t i = 0; i < blocks; ++i) {
        writer.write(*block, block);  // has an owner: what must wait is not copied
        co_await writer.drain();
    }
    writer.close();
}

aio::Coro<> cat(std::uint64_t blocks) {
    auto child = co_await aio::create_subprocess_exec(
        subprocess::Options().stdin(subprocess::PIPE).stdout(subprocess::PIPE), "cat");
    const auto feeding = aio::create_task(feed(child.stdin(), blocks));
    std::vector<char> buffer(4 * kBlock);
    for (;;) {
        const std::size_t count = co_await child.stdout().read_into(buffer);
        if (count == 0) break;
        measure::sink += count;
    }
    co_await feeding;
    co_await child.wait();
}

}  // namespace

int main(int argc, char** argv) {
    aio::keep_freed_memory();
    const measure::Request request(argc, argv);
    if (request.bench == "spawn_true") {
        const std::vector<char> resident(std::size_t{1} << 30, 'x');
        const measure::Span span;
        aio::run(spawn_true(request.count));
        span.report(request.bench, request.count);
        measure::sink += static_cast<std::uint64_t>(resident.back());
    } else if (request.bench == "cat") {
        const measure::Span span;
        aio::run(cat(request.count));
        span.report(request.bench, request.count);
    } else {
        request.unknown();
    }
}
