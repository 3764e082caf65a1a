// SPDX-License-Identifier: MIT
// What an echo server on io_uring needs at least: uring_echo PORT. Connections are accepted and data is
// received by operations that go on; what was received is sent from the buffer that the kernel chose, one
// piece of a connection at a time. All of it goes into the ring with the wait.
#include "listen.hpp"

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>

namespace {

constexpr unsigned kBuffers = 256;
constexpr unsigned kBufferSize = 64 * 1024;
enum Operation : std::uint64_t { kAccept, kReceive, kSend };

struct Piece {
    unsigned buffer;
    unsigned from;
    unsigned size;
};

struct Connection {
    int fd;
    bool receiving = false;
    bool sending = false;
    bool ended = false;
    std::deque<Piece> pieces{};
};

io_uring ring;
io_uring_buf_ring* buffers;
char* memory;

io_uring_sqe* next() {
    if (io_uring_sqe* const sqe = io_uring_get_sqe(&ring)) return sqe;
    io_uring_submit(&ring);
    return io_uring_get_sqe(&ring);
}

// After the operation is prepared, which clears the whole entry.
void mark(io_uring_sqe* sqe, void* connection, Operation operation) {
    sqe->user_data = reinterpret_cast<std::uintptr_t>(connection) | operation;
}

void give_back(unsigned id) {
    io_uring_buf_ring_add(buffers, memory + std::size_t{id} * kBufferSize, kBufferSize,
                          static_cast<unsigned short>(id), kBuffers - 1, 0);
    io_uring_buf_ring_advance(buffers, 1);
}

void accept_all(int listener) {
    io_uring_sqe* const sqe = next();
    io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, SOCK_CLOEXEC);
    mark(sqe, nullptr, kAccept);
}

void receive(Connection* connection) {
    io_uring_sqe* const sqe = next();
    io_uring_prep_recv(sqe, connection->fd, nullptr, 0, 0);
    sqe->ioprio |= IORING_RECV_MULTISHOT;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = 0;
    mark(sqe, connection, kReceive);
    connection->receiving = true;
}

void send_first(Connection* connection) {
    const Piece& piece = connection->pieces.front();
    io_uring_sqe* const sqe = next();
    io_uring_prep_send(sqe, connection->fd, memory + std::size_t{piece.buffer} * kBufferSize + piece.from,
                       piece.size, MSG_NOSIGNAL | MSG_WAITALL);
    mark(sqe, connection, kSend);
    connection->sending = true;
}

void drop_if_done(Connection* connection) {
    if (!connection->ended || connection->receiving || connection->sending) return;
    for (const Piece& piece : connection->pieces) give_back(piece.buffer);
    close(connection->fd);
    delete connection;
}

void received(Connection* connection, const io_uring_cqe& cqe) {
    if (!(cqe.flags & IORING_CQE_F_MORE)) connection->receiving = false;
    if (cqe.res > 0) {
        connection->pieces.push_back(
            {cqe.flags >> IORING_CQE_BUFFER_SHIFT, 0, static_cast<unsigned>(cqe.res)});
        if (!connection->sending) send_first(connection);
    } else if (cqe.res != -ENOBUFS) {
        connection->ended = true;
    }
    if (!connection->receiving && !connection->ended) receive(connection);
    drop_if_done(connection);
}

void sent(Connection* connection, const io_uring_cqe& cqe) {
    connection->sending = false;
    Piece& piece = connection->pieces.front();
    if (cqe.res < 0) {
        connection->ended = true;
        shutdown(connection->fd, SHUT_RDWR);
    } else if (static_cast<unsigned>(cqe.res) < piece.size) {
        piece.from += static_cast<unsigned>(cqe.res);
        piece.size -= static_cast<unsigned>(cqe.res);
    } else {
        give_back(piece.buffer);
        connection->pieces.pop_front();
    }
    if (!connection->ended && !connection->pieces.empty()) send_first(connection);
    drop_if_done(connection);
}

void make_ring() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_CQSIZE | (1U << 12) | (1U << 13);  // SINGLE_ISSUER, DEFER_TASKRUN
    parameters.cq_entries = 8192;
    if (io_uring_queue_init_params(2048, &ring, &parameters) != 0) std::exit(1);
    io_uring_register_ring_fd(&ring);
    buffers = static_cast<io_uring_buf_ring*>(std::aligned_alloc(4096, 4096));
    std::memset(static_cast<void*>(buffers), 0, 4096);
    memory = static_cast<char*>(std::aligned_alloc(4096, std::size_t{kBuffers} * kBufferSize));
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffers);
    registration.ring_entries = kBuffers;
    if (io_uring_register_buf_ring(&ring, &registration, 0) != 0) std::exit(1);
    for (unsigned id = 0; id < kBuffers; ++id) give_back(id);
}

}  // namespace

int main(int, char** argv) {
    make_ring();
    const int listener = listen_on(argv[1], 0);
    accept_all(listener);
    for (;;) {
        io_uring_submit_and_wait(&ring, 1);
        for (io_uring_cqe* cqe = nullptr; io_uring_peek_cqe(&ring, &cqe) == 0;) {
            const io_uring_cqe copy = *cqe;
            io_uring_cqe_seen(&ring, cqe);
            auto* const connection = reinterpret_cast<Connection*>(copy.user_data & ~std::uint64_t{3});
            switch (copy.user_data & 3) {
                case kAccept:
                    if (copy.res >= 0) receive(new Connection{copy.res});
                    if (!(copy.flags & IORING_CQE_F_MORE)) accept_all(listener);
                    break;
                case kReceive:
                    received(connection, copy);
                    break;
                default:
                    sent(connection, copy);
            }
        }
    }
}
