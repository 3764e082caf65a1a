// SPDX-License-Identifier: MIT
// What the servers on libuv share: listening.
#pragma once

#include <uv.h>
#include <csignal>
#include <cstdlib>

namespace peer {

inline int run_server(const char* port, uv_connection_cb on_connection) {
    std::signal(SIGPIPE, SIG_IGN);
    uv_loop_t* loop = uv_default_loop();
    sockaddr_in address;
    uv_ip4_addr("127.0.0.1", std::atoi(port), &address);
    uv_tcp_t listener;
    uv_tcp_init(loop, &listener);
    uv_tcp_bind(&listener, reinterpret_cast<sockaddr*>(&address), 0);
    if (uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096, on_connection) != 0) return 1;
    return uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace peer
