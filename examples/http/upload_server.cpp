// SPDX-License-Identifier: MIT
// Takes files of any size, a piece at a time, and gives them back. With a folder and a port it serves there:
//
//     upload_server uploads 8080
//     curl -T film.mkv http://127.0.0.1:8080/files/film.mkv
//     curl -F file=@film.mkv -F file=@notes.txt http://127.0.0.1:8080/files
//     curl -C - -O http://127.0.0.1:8080/files/film.mkv          # from where it was broken off
//
//     async def put(request):
//         async with aiofiles.open(path, "wb") as file:
//             async for chunk in request.content.iter_chunked(65536):
//                 await file.write(chunk)
#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace fs = aio::fs;
namespace http = aio::http;
namespace web = aio::web;

constexpr std::uint64_t kLargest = std::uint64_t{4} << 30;

struct Folder {
    std::string path;
};

// Clients choose names. Such as these are files in our folder, and cannot be "..", "/etc/passwd" or
// ".bashrc".
std::string checked(std::string name) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const bool good = !name.empty() && name.size() <= 200 && name.front() != '.' &&
                      name.find_first_not_of(kLetters) == std::string::npos;
    if (!good) throw web::HTTPBadRequest().text("no name for a file: letters, digits, '.', '_' and '-'");
    return name;
}

// --- a file that is there wholly or not at all -----------------------------------------------------------

using Chunks = aio::AsyncGenerator<std::string>;

aio::Coro<std::uint64_t> write_all(fs::File file, Chunks chunks) {
    std::uint64_t size = 0;
    while (auto chunk = co_await chunks.next()) {
        size += chunk->size();
        if (size > kLargest) throw web::HTTPRequestEntityTooLarge(kLargest, size);
        co_await file.write(
            std::move(*chunk));  // while the disk is slow nothing is read, and the client waits
    }
    co_await file.close();
    co_return size;
}

// Written under another name first. If the client goes, the disk is full or the server ends, that one is
// removed.
aio::Coro<std::uint64_t> save(Chunks chunks, std::string folder, std::string name) {
    const auto file = co_await fs::NamedTemporaryFile(
        fs::TempOptions().dir(folder).prefix(".upload-").delete_on_close(false));
    const auto written = co_await aio::as_result(write_all(file, std::move(chunks)));
    if (!written) {
        co_await fs::remove(file.name());
    } else {
        co_await fs::replace(file.name(), folder + "/" + name);
    }
    co_return written.value();  // or what has gone wrong
}

// --- the handlers ----------------------------------------------------------------------------------------

Chunks chunks_of(http::StreamReader& body) {
    while (auto chunk = co_await body.next_chunk()) co_yield std::move(*chunk);
}

Chunks chunks_of(http::BodyPartReader part) {
    for (;;) {
        std::string chunk = co_await part.read_chunk(64 * 1024);
        if (chunk.empty()) co_return;
        co_yield std::move(chunk);
    }
}

// curl -T: the body is the file.
aio::Coro<web::Response> put_file(web::Request& request) {
    const std::string name = checked(request.match_info("name"));
    const auto size = co_await save(chunks_of(request.content()), request.app().get<Folder>().path, name);
    co_return web::Response(201).text(name + ": " + std::to_string(size) + " bytes\n");
}

// As many files as it likes, one after the other.
aio::Coro<std::string> save_parts(web::Request& request) {
    std::string said;
    const http::MultipartReader reader = request.multipart();
    while (auto part = co_await reader.next()) {
        if (!part->filename()) continue;  // a field of the form that is no file
        const std::string name = checked(*part->filename());
        const auto size = co_await save(chunks_of(*part), request.app().get<Folder>().path, name);
        said += name + ": " + std::to_string(size) + " bytes\n";
    }
    co_return said;
}

// curl -F, or a form in a page.
aio::Coro<web::Response> post_files(web::Request& request) {
    try {
        const std::string said = co_await save_parts(request);
        co_return web::Response(201).text(said);
    } catch (
        const aio::ValueError& error) {  // what came is no such form; it would be a 500 of ours otherwise
        throw web::HTTPBadRequest().text(error.what());
    }
}

web::Application make_app(std::string folder) {
    web::Application app;
    app.set(Folder{folder});
    app.add_put("/files/{name}", put_file);
    app.add_post("/files", post_files);
    app.add_static("/files", folder);  // gives them back: whole, in pieces, or 304 to who has it already
    return app;
}

// --- its test --------------------------------------------------------------------------------------------

aio::Coro<> print(std::string what, http::RequestBuilder request) {
    auto response = co_await std::move(request);
    const std::string text = co_await response.text();
    std::cout << what << ": " << response.status() << ' ' << text << (text.ends_with('\n') ? "" : "\n");
}

aio::Coro<> test_in(std::string folder) {
    web::TestClient client(make_app(folder));
    co_await print("PUT", client.put("/files/large.bin").data(std::string(3'000'000, 'x')));
    http::FormData form;
    form.add_field("comment", "two at once");
    form.add_field("file", "so much depends\n", http::FieldOptions().filename("poem.txt"));
    form.add_field("file", "upon\n", http::FieldOptions().filename("../../rest.txt"));  // folders are dropped
    co_await print("POST", client.post("/files").data(std::move(form)));
    co_await print("GET", client.get("/files/poem.txt"));
    co_await print("a piece", client.get("/files/poem.txt").header("Range", "bytes=3-6"));
    co_await print("a bad name", client.put("/files/.bashrc").data("alias ls=rm"));
    co_await client.close();

    auto names = co_await fs::listdir(folder);
    std::ranges::sort(names);
    for (const std::string& name : names) std::cout << "in the folder: " << name << '\n';
}

int main(int argc, char** argv) {
    if (argc != 3) return aio::run(aio::async_with(fs::TemporaryDirectory(), test_in));
    const std::string folder = argv[1];
    return web::run_app([folder] { return make_app(folder); },
                        web::RunOptions().host("127.0.0.1").port(std::atoi(argv[2])));
}
