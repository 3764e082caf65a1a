// SPDX-License-Identifier: MIT
// UDP echo server on libuv: uv_udp PORT. Receives in batches (UV_UDP_RECVMMSG) and sends each packet at once.
#include <uv.h>
#include <cstdlib>

namespace {

char shared_buffer[20 * 65536];

void give_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
    *buffer = uv_buf_init(shared_buffer, sizeof shared_buffer);
}

void on_packet(uv_udp_t* socket, ssize_t count, const uv_buf_t* buffer, const sockaddr* sender, unsigned) {
    if (count < 0 || !sender) return;
    const uv_buf_t data = uv_buf_init(buffer->base, static_cast<unsigned>(count));
    uv_udp_try_send(socket, &data, 1, sender);
}

}  // namespace

int main(int, char** argv) {
    uv_loop_t* loop = uv_default_loop();
    sockaddr_in address;
    uv_ip4_addr("127.0.0.1", std::atoi(argv[1]), &address);
    uv_udp_t socket;
    uv_udp_init_ex(loop, &socket, AF_INET | UV_UDP_RECVMMSG);
    if (uv_udp_bind(&socket, reinterpret_cast<sockaddr*>(&address), 0) != 0) return 1;
    uv_udp_recv_start(&socket, give_buffer, on_packet);
    return uv_run(loop, UV_RUN_DEFAULT);
}
