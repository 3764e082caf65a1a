// SPDX-License-Identifier: MIT
// Echo server on libuv: uv_echo {PORT|@NAME}, a Unix socket with an abstract name. Writes at once, and queues
// what the socket did not take.
#include "uv_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

char shared_buffer[65536];

struct Write {
    uv_write_t request;
    char data[1];
};

void give_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
    *buffer = uv_buf_init(shared_buffer, sizeof shared_buffer);
}

void queue_rest(uv_stream_t* stream, const char* data, std::size_t size) {
    auto* write = static_cast<Write*>(std::malloc(sizeof(Write) + size));
    std::memcpy(write->data, data, size);
    const uv_buf_t buffer = uv_buf_init(write->data, static_cast<unsigned>(size));
    uv_write(&write->request, stream, &buffer, 1, [](uv_write_t* request, int) { std::free(request); });
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    if (count < 0) {
        uv_close(reinterpret_cast<uv_handle_t*>(stream), [](uv_handle_t* handle) { std::free(handle); });
        return;
    }
    if (count == 0) return;
    const uv_buf_t data = uv_buf_init(buffer->base, static_cast<unsigned>(count));
    const int written = uv_try_write(stream, &data, 1);
    const ssize_t sent = written < 0 ? 0 : written;
    if (sent < count) queue_rest(stream, buffer->base + sent, static_cast<std::size_t>(count - sent));
}

void on_connection(uv_stream_t* listener, int status) {
    if (status < 0) return;
    auto* stream = static_cast<uv_stream_t*>(std::malloc(std::max(sizeof(uv_tcp_t), sizeof(uv_pipe_t))));
    if (listener->type == UV_TCP) {
        uv_tcp_init(listener->loop, reinterpret_cast<uv_tcp_t*>(stream));
    } else {
        uv_pipe_init(listener->loop, reinterpret_cast<uv_pipe_t*>(stream), 0);
    }
    if (uv_accept(listener, stream) != 0) return;
    if (listener->type == UV_TCP) uv_tcp_nodelay(reinterpret_cast<uv_tcp_t*>(stream), 1);
    uv_read_start(stream, give_buffer, on_read);
}

}  // namespace

int main(int, char** argv) { return peer::run_server(argv[1], on_connection); }
