// SPDX-License-Identifier: MIT
// The limit of WebSocket servers: raw_websocket PORT. Answers the handshake that the generator sends, and
// sends frames of at least 126 bytes, which it unmasks by words, back, or to all in the room: the least that
// a server on epoll can do, edge-triggered.
#include "epoll_server.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Connection {
    int fd;
    bool open = false;
    bool in_room = false;
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

std::vector<int> room;

bool open_connection(Connection& connection, std::string_view request) {
    connection.open = true;
    connection.in_room = request.starts_with("GET /room ");
    if (connection.in_room) room.push_back(connection.fd);
    return send(connection.fd, kSwitch.data(), kSwitch.size(), MSG_NOSIGNAL) >= 0;
}

bool answer(const Connection& connection, std::string_view frames) {
    if (!connection.in_room) return send(connection.fd, frames.data(), frames.size(), MSG_NOSIGNAL) >= 0;
    for (const int member : room) send(member, frames.data(), frames.size(), MSG_NOSIGNAL);
    return true;
}

bool end(const Connection& connection) {
    std::erase(room, connection.fd);
    return false;
}

bool serve(Connection& connection) {
    static char buffer[262144];
    static std::string out;
    for (;;) {
        const ssize_t count = recv(connection.fd, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EAGAIN) return true;
        if (count <= 0) return end(connection);
        std::string_view data(buffer, static_cast<std::size_t>(count));
        if (!connection.open) {
            if (!open_connection(connection, data)) return end(connection);
            continue;
        }
        if (!connection.rest.empty()) {
            connection.rest.append(data);
            data = connection.rest;
        }
        out.clear();
        while (const std::size_t size = take_frame(data, out)) data.remove_prefix(size);
        if (!data.empty() || !connection.rest.empty()) connection.rest = std::string(data);
        if (!out.empty() && !answer(connection, out)) return end(connection);
    }
}

}  // namespace

int main(int, char** argv) { serve_connections(argv[1], EPOLLIN, serve); }
