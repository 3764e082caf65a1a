// SPDX-License-Identifier: MIT
// What the servers on libuv share: listening.
#pragma once

#include "../raw/listen.hpp"

#include <uv.h>
#include <csignal>

namespace peer {

/// `where`: PORT, or @NAME, a Unix socket with an abstract name, for which on_connection() makes a uv_pipe_t.
inline int run_server(const char* where, uv_connection_cb on_connection) {
    std::signal(SIGPIPE, SIG_IGN);
    uv_loop_t* loop = uv_default_loop();
    const int fd = listen_on(where, SOCK_NONBLOCK);  // libuv's own bind knows no abstract names
    union {
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } listener;
    if (*where == '@') {
        uv_pipe_init(loop, &listener.pipe, 0);
        uv_pipe_open(&listener.pipe, fd);
    } else {
        uv_tcp_init(loop, &listener.tcp);
        uv_tcp_open(&listener.tcp, fd);
    }
    if (uv_listen(&listener.stream, 4096, on_connection) != 0) return 1;
    return uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace peer
