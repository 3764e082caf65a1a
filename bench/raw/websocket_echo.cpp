// SPDX-License-Identifier: MIT
// The limit of WebSocket servers: raw_websocket_echo PORT. Answers the one handshake that the generator
// sends, and echoes frames of at least 126 bytes, which it unmasks by words: the least that a server on epoll
// can do, edge-triggered.
#include "epoll_server.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Connection {
    int fd;
    bool open = false;
    std::string rest = {};  // of a frame that has not come whole
};

unsigned byte_at(std::string_view data, std::size_t i) { return static_cast<unsigned char>(data[i]); }

// Appends the echo of the first frame; gives its size, or 0 if it has not come whole.
std::size_t take_frame(std::string_view data, std::string& out) {
    if (data.size() < 2) return 0;
    const std::size_t size_bytes = (byte_at(data, 1) & 0x7F) == 126 ? 2 : 8;
    const std::size_t head = 2 + size_bytes + 4;
    if (data.size() < head) return 0;
    std::size_t size = 0;
    for (std::size_t i = 0; i < size_bytes; ++i) size = size << 8 | byte_at(data, 2 + i);
    if (data.size() - head < size) return 0;
    out.append(data.substr(0, 2 + size_bytes));
    out[out.size() - size_bytes - 1] &= 0x7F;
    std::uint32_t key;
    std::memcpy(&key, data.data() + head - 4, 4);
    const std::uint64_t mask = key | std::uint64_t{key} << 32;
    const std::size_t begin = out.size();
    out.append(data.substr(head, size));
    char* const bytes = out.data() + begin;
    std::size_t i = 0;
    for (; size - i >= 8; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + i, 8);
        word ^= mask;
        std::memcpy(bytes + i, &word, 8);
    }
    for (; i < size; ++i)
        bytes[i] = static_cast<char>(byte_at({bytes, size}, i) ^ (mask >> 8 * (i % 8) & 0xFF));
    return head + size;
}

bool serve(Connection& connection) {
    static char buffer[262144];
    static std::string out;
    for (;;) {
        const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
        if (count <= 0) return count < 0 && errno == EAGAIN;
        std::string_view data(buffer, static_cast<std::size_t>(count));
        if (!connection.open) {
            connection.open = true;
            if (send(connection.fd, kSwitch.data(), kSwitch.size(), MSG_NOSIGNAL) < 0) return false;
            continue;
        }
        if (!connection.rest.empty()) {
            connection.rest.append(data);
            data = connection.rest;
        }
        out.clear();
        while (const std::size_t size = take_frame(data, out)) data.remove_prefix(size);
        if (!data.empty() || !connection.rest.empty()) connection.rest = std::string(data);
        if (!out.empty() && send(connection.fd, out.data(), out.size(), MSG_NOSIGNAL) < 0) return false;
    }
}

}  // namespace

int main(int, char** argv) { serve_connections(argv[1], EPOLLIN, serve); }
