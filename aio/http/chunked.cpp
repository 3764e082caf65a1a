// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/chunked.hpp>
#include <aio/http/head_impl.hpp>
#include <aio/http/syntax_impl.hpp>

#include <charconv>

namespace aio::http {

void append_chunk_begin(std::string& out, std::uint64_t size) {
    if (size == 0) throw ValueError("a chunk must not be empty: that ends the body");
    char text[16];
    const auto end = std::to_chars(text, text + sizeof text, size, 16).ptr;
    out.append(text, end).append("\r\n");
}

void append_chunk(std::string& out, BytesView data) {
    if (data.empty()) return;
    append_chunk_begin(out, data.size());
    out.append(data.text()).append(kChunkEnd);
}

void append_last_chunk(std::string& out, const Headers& trailers) {
    for (const auto [name, value] : trailers) {
        if (detail::is_forbidden_trailer(name)) syntax::raise_bad_text("not allowed as a trailer", name);
    }
    out.append("0\r\n").append(trailers.text()).append("\r\n");
}

}  // namespace aio::http
