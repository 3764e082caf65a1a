// SPDX-License-Identifier: MIT
// Counts the lines and words of several files at once, and puts the result into a file that is there wholly
// or not at all: written beside it first, then renamed.
//
//     async def count(path):
//         lines = words = 0
//         async with aiofiles.open(path) as file:
//             async for line in file:
//                 lines += 1
//                 words += len(line.split())
//         return lines, words
//
//     async with aiofiles.tempfile.TemporaryDirectory() as folder:
//         ...
//         for count in await asyncio.gather(*map(count, paths)): ...
#include <aio/aio.hpp>
#include <aio/fs.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace fs = aio::fs;

struct Count {
    int lines = 0;
    int words = 0;
};

aio::Coro<Count> count_words(fs::File file) {
    Count count;
    while (auto line = co_await file.next_line()) {
        ++count.lines;
        std::istringstream words(*line);
        for (std::string word; words >> word;) ++count.words;
    }
    co_return count;
}

aio::Coro<Count> count_in(std::string path) { return aio::async_with(fs::open(path), count_words); }

aio::Coro<> write_safely(std::string path, std::string text) {
    auto file = co_await fs::open(path + ".new", "w");
    co_await file.write(std::move(text));
    co_await file.fsync();
    co_await file.close();
    co_await fs::replace(path + ".new", path);
}

aio::Coro<> work_in(std::string folder) {
    co_await fs::write_text(folder + "/poem", "so much depends\nupon\n\na red wheel\nbarrow\n");
    co_await fs::write_text(folder + "/note", "one line without an end");

    std::vector<aio::Task<Count>> counting;
    for (const std::string name : {"poem", "note"})
        counting.push_back(aio::create_task(count_in(folder + "/" + name)));
    std::string report;
    for (const auto& task : counting) {
        const Count count = co_await task;
        report += std::to_string(count.lines) + " lines, " + std::to_string(count.words) + " words\n";
    }
    co_await write_safely(folder + "/report", report);

    const std::string written = co_await fs::read_text(folder + "/report");
    std::cout << written;
    const auto names = co_await fs::listdir(folder);
    std::cout << names.size() << " files\n";
    try {
        co_await fs::open(folder + "/missing");
    } catch (const aio::FileNotFoundError& error) {
        std::cout << "missing: " << error.code().message() << '\n';
    }
}

aio::Coro<> amain() { co_await aio::async_with(fs::TemporaryDirectory(), work_in); }

int main() { return aio::run(amain()); }
