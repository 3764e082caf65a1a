// SPDX-License-Identifier: MIT
// Server of Redis commands on libuv, a write for each: uv_pipeline PORT
#include "../resp.hpp"
#include "uv_server.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

resp::Store store;
char shared_buffer[65536];

struct Connection {
    uv_tcp_t stream;
    std::string rest;  // a command that is not complete
};

struct Write {
    uv_write_t request;
    char data[1];
};

void write_or_queue(uv_stream_t* stream, const std::string& data) {
    const uv_buf_t all = uv_buf_init(const_cast<char*>(data.data()), static_cast<unsigned>(data.size()));
    const int written = uv_try_write(stream, &all, 1);
    const std::size_t sent = written < 0 ? 0 : static_cast<std::size_t>(written);
    if (sent == data.size()) return;
    auto* write = static_cast<Write*>(std::malloc(sizeof(Write) + data.size()));
    std::memcpy(write->data, data.data() + sent, data.size() - sent);
    const uv_buf_t buffer = uv_buf_init(write->data, static_cast<unsigned>(data.size() - sent));
    uv_write(&write->request, stream, &buffer, 1, [](uv_write_t* request, int) { std::free(request); });
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
    auto* connection = static_cast<Connection*>(stream->data);
    if (count < 0) {
        uv_close(reinterpret_cast<uv_handle_t*>(stream),
                 [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
        return;
    }
    std::string_view data(buffer->base, static_cast<std::size_t>(count));
    if (!connection->rest.empty()) data = connection->rest += data;
    for (;;) {
        const resp::Command command = resp::first_command(data);
        if (command.size == 0) break;
        write_or_queue(stream, store.execute(command));
        data.remove_prefix(command.size);
    }
    connection->rest = std::string(data);
}

void on_connection(uv_stream_t* listener, int status) {
    if (status < 0) return;
    auto* connection = new Connection;
    uv_tcp_init(listener->loop, &connection->stream);
    connection->stream.data = connection;
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection->stream);
    if (uv_accept(listener, stream) != 0) return;
    uv_tcp_nodelay(&connection->stream, 1);
    uv_read_start(
        stream,
        [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
            *buffer = uv_buf_init(shared_buffer, sizeof shared_buffer);
        },
        on_read);
}

}  // namespace

int main(int, char** argv) { return peer::run_server(argv[1], on_connection); }
