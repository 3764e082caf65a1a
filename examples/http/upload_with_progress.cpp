// SPDX-License-Identifier: MIT
// Uploads a file and tells how far it is. What a generator yields becomes the body; when it is asked for the
// next piece, the one before has gone.
//
//     upload_with_progress film.mkv http://127.0.0.1:8080/files/film.mkv
//
//     async def pieces(path):
//         async with aiofiles.open(path, "rb") as file:
//             while chunk := await file.read(65536):
//                 yield chunk
//                 print(...)
//
//     async with session.put(url, data=pieces(path)) as response: ...
#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

namespace fs = aio::fs;
namespace http = aio::http;
namespace web = aio::web;

// Prints each tenth that is reached.
class Progress {
public:
    explicit Progress(std::uint64_t total) : total_(total) {}
    void advance(std::uint64_t count) {
        done_ += count;
        const auto tenths = total_ == 0 ? 10 : done_ * 10 / total_;
        if (tenths == std::exchange(told_, tenths)) return;
        std::cout << tenths * 10 << " % of " << total_ << " bytes" << std::endl;
    }

private:
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    std::uint64_t told_ = 0;
};

aio::AsyncGenerator<std::string> pieces(fs::File file, std::uint64_t size) {
    Progress progress(size);
    while (auto chunk = co_await file.next_chunk(64 * 1024)) {
        const auto count = chunk->size();
        co_yield std::move(*chunk);  // goes on when there is room for more
        progress.advance(count);
    }
}

aio::Coro<int> upload(http::ClientSession session, std::string path, http::URL url) {
    const auto file = co_await fs::open(path, "rb");
    const auto size = static_cast<std::uint64_t>(co_await fs::getsize(path));
    auto response = co_await session.put(url)
                        .data(pieces(file, size))
                        .header("Content-Length", std::to_string(size))  // without it: in chunks
                        .timeout(http::ClientTimeout().sock_connect(std::chrono::seconds(10)));
    const std::string text = co_await response.text();
    std::cout << response.status() << ' ' << response.reason() << ": " << text << std::endl;
    co_return response.ok() ? 0 : 1;
}

aio::Coro<int> amain(std::string path, std::string url) {
    try {
        co_return co_await aio::async_with(http::ClientSession(), upload, path, http::URL(url));
    } catch (const std::exception& error) {  // no such file, no such server, it has gone, ...
        std::cerr << "upload_with_progress: " << error.what() << '\n';
        co_return 1;
    }
}

// --- without arguments: to a server in this program --------------------------------------------------------

aio::Coro<web::Response> count(web::Request& request) {
    std::uint64_t size = 0;
    while (auto chunk = co_await request.content().next_chunk()) size += chunk->size();
    co_return web::Response().text("the server has got " + std::to_string(size) + " bytes");
}

aio::Coro<int> demonstrate(std::string folder) {
    const std::string path = folder + "/film.mkv";
    co_await fs::write_bytes(path, std::string(5'000'000, 'x'));
    web::Application app;
    app.add_put("/film.mkv", count);
    web::TestClient client(app);
    const int status = co_await upload(client.session(), path, "/film.mkv");
    co_await client.close();
    co_return status;
}

int main(int argc, char** argv) {
    if (argc == 3) return aio::run(amain(argv[1], argv[2]));
    if (argc == 1) return aio::run(aio::async_with(fs::TemporaryDirectory(), demonstrate));
    std::cerr << "usage: upload_with_progress FILE URL\n";
    return 2;
}
