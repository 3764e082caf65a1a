// SPDX-License-Identifier: MIT
// Downloads a file of any size, a piece at a time, and tells how far it is. The file is there when all of it
// is.
//
//     download_with_progress http://127.0.0.1:8080/files/film.mkv film.mkv
//
//     async with session.get(url) as response:
//         async for chunk in response.content.iter_chunked(65536):
//             await file.write(chunk)
//             print(...)
#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace fs = aio::fs;
namespace http = aio::http;
namespace web = aio::web;

// Prints each tenth that is reached, or each megabyte if nobody knows how many there will be.
class Progress {
public:
    explicit Progress(std::optional<std::uint64_t> total) : total_(total) {}
    void reach(std::uint64_t done) {
        const auto steps = !total_ ? done / 1'000'000 : *total_ == 0 ? 10 : done * 10 / *total_;
        if (steps == std::exchange(told_, steps)) return;
        if (total_) {
            std::cout << steps * 10 << " % of " << *total_ << " bytes" << std::endl;
        } else {
            std::cout << steps << " MB" << std::endl;
        }
    }

private:
    std::optional<std::uint64_t> total_;
    std::uint64_t told_ = 0;
};

// Of what is compressed on its way nobody knows how long it is.
std::optional<std::uint64_t> length_of(const http::ClientResponse& response) {
    if (response.headers().contains("Content-Encoding")) return std::nullopt;
    return response.content_length();
}

// Reads no faster than the disk writes: meanwhile the server has to wait, and nothing piles up here.
aio::Coro<> copy(http::ClientResponse& response, fs::File file) {
    Progress progress(length_of(response));
    while (auto chunk = co_await response.content().next_chunk()) {
        co_await file.write(std::move(*chunk));
        progress.reach(response.content().total_bytes());
    }
    co_await file.close();
}

aio::Coro<> download(http::ClientSession session, http::URL url, std::string path) {
    // However long all of it takes; but a server that says nothing for half a minute has gone.
    auto response = co_await session.get(url).timeout(http::ClientTimeout().sock_connect(10s).sock_read(30s));
    response.raise_for_status();
    const std::string part = path + ".part";
    const auto file = co_await fs::open(part, "wb");
    const auto copied = co_await aio::as_result(copy(response, file));
    if (!copied) co_await fs::remove(part);  // also after Ctrl-C
    copied.value();
    co_await fs::replace(part, path);
    std::cout << path.substr(path.rfind('/') + 1) << " is there" << std::endl;
}

// Gives whether it is there.
aio::Coro<bool> try_to(aio::Coro<> download) {
    try {
        co_await std::move(download);
        co_return true;
    } catch (
        const std::exception& error) {  // no such server or page, the connection broke, the disk is full, ...
        std::cerr << "download_with_progress: " << error.what() << '\n';
        co_return false;
    }
}

aio::Coro<int> amain(std::string url, std::string path) {
    http::ClientSession session;
    const bool good = co_await try_to(download(session, url, path));
    co_await session.close();
    co_return good ? 0 : 1;
}

// --- without arguments: from a server in this program ------------------------------------------------------

aio::Coro<web::Response> film(web::Request& request) {
    web::StreamResponse response;
    if (request.query().contains("length")) response.content_length(2'500'000);
    co_await response.prepare(request);
    for (int i = 0; i < 25; ++i) co_await response.write(std::string(100'000, 'x'));
    co_return response;
}

aio::Coro<> demonstrate(std::string folder) {
    web::Application app;
    app.add_get("/film", film);
    web::TestClient client(app);
    co_await download(client.session(), "/film?length", folder + "/film.mkv");
    co_await download(client.session(), "/film", folder + "/endless.mkv");
    const auto missing = co_await aio::as_result(download(client.session(), "/nothing", folder + "/nothing"));
    std::cout << "nothing: " << (missing.raised<http::ClientResponseError>() ? "404" : "?") << '\n';
    const auto names = co_await fs::listdir(folder);
    std::cout << names.size() << " files\n";
    co_await client.close();
}

int main(int argc, char** argv) {
    if (argc == 3) return aio::run(amain(argv[1], argv[2]));
    if (argc == 1) return aio::run(aio::async_with(fs::TemporaryDirectory(), demonstrate));
    std::cerr << "usage: download_with_progress URL FILE\n";
    return 2;
}
