// SPDX-License-Identifier: MIT
// Server of a line protocol on the streams API, which parses in place: line_protocol_bench PORT
// A request is "<length>\n<body>", its answer the same. Those that have arrived are answered together.
#include "serve_streams.hpp"

#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace {

/// How many bytes the first request takes; 0 if that has not arrived yet.
std::size_t size_of_request(std::string_view data) {
    constexpr std::size_t kMaxHead = 10;
    const std::string_view head = data.substr(0, kMaxHead);
    std::size_t body = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
        const unsigned digit = static_cast<unsigned char>(head[i]) - unsigned{'0'};
        if (digit <= 9) {
            body = body * 10 + digit;
        } else if (head[i] == '\n') {
            return i + 1 + body;
        } else {
            throw aio::ValueError("a length was expected");
        }
    }
    if (head.size() == kMaxHead) throw aio::ValueError("the length is too long");
    return 0;
}

/// How many bytes those requests take that are complete; `missing` is how many the next one needs.
std::size_t size_of_complete(std::string_view data, std::size_t& missing) {
    std::size_t complete = 0;
    for (missing = 1; complete < data.size();) {
        const std::string_view rest = data.substr(complete);
        const std::size_t size = size_of_request(rest);
        if (size == 0 || size > rest.size()) {
            missing = std::max(size, rest.size() + 1);
            break;
        }
        complete += size;
    }
    return complete;
}

aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
    try {
        for (std::size_t missing = 1;;) {
            const aio::BytesView data = co_await reader.fill(missing);
            if (data.size() < missing) break;
            const std::size_t complete = size_of_complete(data.text(), missing);
            if (complete == 0) continue;
            writer.write(data.text().substr(0, complete));
            reader.consume(complete);
            co_await writer.drain();
        }
    } catch (const aio::ConnectionError&) {  // the peer went away
    }
    writer.close();
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return aio::run(bench::serve_streams(serve, argv[1]));
}
