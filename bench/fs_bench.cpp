// SPDX-License-Identifier: MIT
// Files: a small one as a whole, by open(), read() and close(), and by read(2) in a thread of to_thread(); a
// large one in pieces. fs_bench BENCH N; large_...: N MiB. The files are in the page cache, so it measures
// the way there.
#include "measure.hpp"

#include <aio/aio.hpp>
#include <aio/fs.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>
#include <string>

namespace {

namespace fs = aio::fs;

constexpr std::size_t kPiece = 256 * 1024;

std::string read_whole(const std::string& path) {
    std::string text(2048, '\0');
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t count = ::read(fd, text.data(), text.size());
    ::close(fd);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

std::string read_piece(int fd) {
    std::string text(kPiece, '\0');
    const ssize_t count = ::read(fd, text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

aio::Coro<> small_read_bytes(std::string path, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) measure::sink += (co_await fs::read_bytes(path)).size();
}

aio::Coro<> small_open(std::string path, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        auto file = co_await fs::open(path);
        const std::string text = co_await file.read();
        measure::sink += text.size();
        co_await file.close();
    }
}

aio::Coro<> small_to_thread(std::string path, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string text = co_await aio::to_thread(read_whole, path);
        measure::sink += text.size();
    }
}

aio::Coro<> large_chunks(std::string path) {
    auto file = co_await fs::open(path);
    while (auto chunk = co_await file.next_chunk(kPiece)) measure::sink += chunk->size();
    co_await file.close();
}

aio::Coro<> large_read(std::string path) {
    const std::string text = co_await fs::read_bytes(path);
    measure::sink += text.size();
}

aio::Coro<> large_lines(std::string path) {
    auto file = co_await fs::open(path);
    while (auto line = co_await file.next_line()) measure::sink += line->size();
    co_await file.close();
}

aio::Coro<> large_to_thread(std::string path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    for (;;) {
        const std::string piece = co_await aio::to_thread(read_piece, fd);
        measure::sink += piece.size();
        if (piece.empty()) break;
    }
    ::close(fd);
}

aio::Coro<> prepare(std::string path, std::uint64_t mebibytes) {
    auto file = co_await fs::open(path, "w");
    std::string text;
    while (text.size() < 1024 * 1024) text += std::string(63, 'x') + "\n";
    for (std::uint64_t i = 0; i < mebibytes; ++i) co_await file.write(text);
    if (mebibytes == 0) co_await file.write(std::string(1024, 'x'));
    co_await file.close();
}

aio::Coro<> amain(measure::Request request, std::string folder) {
    const std::string path = folder + "/file";
    const bool large = request.bench.starts_with("large_");
    co_await prepare(path, large ? request.count : 0);
    const measure::Span span;
    if (request.bench == "small_read_bytes") {
        co_await small_read_bytes(path, request.count);
    } else if (request.bench == "small_open") {
        co_await small_open(path, request.count);
    } else if (request.bench == "small_to_thread") {
        co_await small_to_thread(path, request.count);
    } else if (request.bench == "large_chunks") {
        co_await large_chunks(path);
    } else if (request.bench == "large_read") {
        co_await large_read(path);
    } else if (request.bench == "large_lines") {
        co_await large_lines(path);
    } else if (request.bench == "large_to_thread") {
        co_await large_to_thread(path);
    } else {
        request.unknown();
    }
    span.report(request.bench, request.count);
}

}  // namespace

int main(int argc, char** argv) {
    const measure::Request request(argc, argv);
    const auto body = [request](std::string folder) { return amain(request, std::move(folder)); };
    return aio::run(aio::async_with(aio::fs::TemporaryDirectory(), body));
}
