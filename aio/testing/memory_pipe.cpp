// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/loop/detail/close_watch.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/task/future.hpp>
#include <aio/testing/memory_pipe.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <algorithm>
#include <deque>
#include <span>
#include <string>

namespace aio::testing {

using End = MemoryPipe::End;

namespace {

class MemoryTransport;

/// What is on its way to one end.
struct Arriving {
    struct Segment {
        TimePoint arrives;
        std::string bytes;
    };
    std::deque<Segment> segments;
    std::size_t taken = 0;  // of the first one
    std::size_t size = 0;
    bool refused = false;                 // a sender waits for room
    TimePoint ends = (TimePoint::max)();  // the end of file arrives
    bool reset = false;                   // and is an error

    TimePoint next() const noexcept { return segments.empty() ? ends : segments.front().arrives; }
    void clear() noexcept {
        segments.clear();
        taken = size = 0;
        refused = reset = false;
        ends = (TimePoint::max)();
    }
};

}  // namespace

struct MemoryPipe::State {
    explicit State(const MemoryPipeOptions& given) : options(given) {}
    MemoryPipeOptions options;
    Arriving arriving[2];  // at the end of that number
    MemoryTransport* transports[2] = {};
    Ref<EventLoop> loop;  // once an end is made
    bool made[2] = {};
    TimePoint gone[2] = {(TimePoint::max)(),
                         (TimePoint::max)()};  // the other end learns that this one is closed
    bool held = false;
    int lost = 0;
};

namespace {

/// One end. Rules, besides those of StreamTransport:
/// 1. `kReadable` is cleared by a turn that finds nothing; then the other end, or the timer of what arrives
///    later, sets it. A send that was refused is told of room.
/// 2. Without memory the connection ends with std::bad_alloc. What may not fail and needs the timer leaves
///    that to the end's next turn.
class MemoryTransport final : public StreamTransport, public aio::detail::CloseWatch, public pool::Pooled {
public:
    MemoryTransport(EventLoop& loop, std::shared_ptr<MemoryPipe::State> pipe, std::size_t end,
                    std::shared_ptr<BaseProtocol> protocol, SocketTransportOptions&& options)
        : StreamTransport(loop, options.get_group(), options.take_on_made()),
          pipe_(std::move(pipe)),
          end_(end) {
        install(std::move(protocol));
        enqueue();
        begin();
        loop.parts().close_watches.push_back(*this);
        pipe_->loop = Ref<EventLoop>(&loop);
        pipe_->made[end_] = true;
        pipe_->transports[end_] = this;
    }

    std::any get_extra_info(std::string_view) const override { return {}; }
    std::string repr() const override { return repr_of("MemoryTransport", ""); }
    void on_loop_closed() noexcept override { loop_closed(); }
    void run() override {
        state_ &= ~kQueued;
        const aio::detail::ContextScope scope(context_);
        if (state_ & kUnopened) {
            start();
            return;
        }
        if (has_input()) receive();
        if (state_ & kWritable) write_ready();  // last: may be the end of this object
    }

    /// There is something to receive, or room for what was refused.
    void wake() {
        if (state_ & kLost) return;
        state_ |= kReadable;
        if (unsent() > 0) state_ |= kWritable;
        if (has_input() || (state_ & kWritable)) enqueue();
    }
    /// Something was sent to this end, or the other one is closed: that is noticed when it arrives.
    void sent() noexcept {
        if (state_ & kLost) return;
        const TimePoint now = loop_->time();
        if (!pipe_->held && (in().next() <= now || pipe_->gone[1 - end_] <= now)) wake();
        try {
            arm(now);
        } catch (const std::bad_alloc&) {
            wake();  // tries again, where it may fail
        }
    }

private:
    Arriving& in() noexcept { return pipe_->arriving[end_]; }
    Arriving& out() noexcept { return pipe_->arriving[1 - end_]; }
    MemoryTransport* other() noexcept { return pipe_->transports[1 - end_]; }
    void tell_other() noexcept {
        if (other() && !loop_->is_closed()) other()->sent();
    }

    void open_channel() override { wake(); }
    void stop_channel() noexcept override {
        CloseWatch::unlink();
        disarm();
        if (pipe_->transports[end_] == this) pipe_->transports[end_] = nullptr;
    }
    void close_channel() noexcept override {
        const TimePoint now = loop_->time();
        const TimePoint then = now + pipe_->options.get_latency();
        pipe_->gone[end_] = then;
        if (!pending_.empty() || in().size > 0) out().reset = true;
        out().ends = std::min(out().ends, then);
        in().clear();
        in().ends = now;
        pending_.clear();
        tell_other();
    }
    const char* kind() const noexcept override { return "memory transport"; }

    ssize_t send_now(BytesView data) noexcept override {
        const iovec piece{const_cast<char*>(data.data()), data.size()};
        return send_now(std::span<const iovec>(&piece, 1));
    }
    ssize_t send_now(std::span<const iovec> pieces) noexcept override;
    void shut_down_writing() noexcept override {
        out().ends = std::min(out().ends, loop_->time() + pipe_->options.get_latency());
        tell_other();
    }
    std::exception_ptr system_error(const char* operation) const noexcept override {
        try {
            if (errno == ENOMEM && !pipe_->lost) return std::make_exception_ptr(std::bad_alloc());
            return make_os_error(errno, std::string(operation) + " a memory pipe");
        } catch (...) {
            return std::current_exception();
        }
    }

    // Wakes this end when the next thing arrives.
    struct Timer final : aio::detail::TimerNode {
        explicit Timer(MemoryTransport& owner) noexcept : transport(owner) {}
        void run() override {
            waiting = false;
            transport.wake();
        }
        void discard() noexcept override { waiting = false; }
        std::string repr() const override { return "<arrival at " + transport.repr() + ">"; }
        MemoryTransport& transport;
        bool waiting = false;
    };
    void arm(TimePoint now);
    void disarm() noexcept {
        if (std::exchange(timer_.waiting, false)) loop_->timers().withdraw(timer_, loop_->ready());
    }
    void receive();
    void read_failed(int error);
    std::string take_arrived();

    std::shared_ptr<MemoryPipe::State> pipe_;
    std::size_t end_;
    std::string pending_;  // received, and not taken by the protocol yet
    Timer timer_{*this};
};

void MemoryTransport::arm(TimePoint now) {
    TimePoint due = (TimePoint::max)();
    for (const TimePoint change : {in().next(), pipe_->gone[1 - end_]}) {
        if (change > now && !pipe_->held) due = std::min(due, change);
    }
    if (timer_.waiting && timer_.when() == due) return;
    disarm();
    if (due == (TimePoint::max)()) return;
    loop_->timers().push(timer_, due);
    timer_.waiting = true;
}

ssize_t MemoryTransport::send_now(std::span<const iovec> pieces) noexcept {
    const TimePoint now = loop_->time();
    const TimePoint gone = pipe_->gone[1 - end_];
    const bool closed = out().ends != (TimePoint::max)() && gone == (TimePoint::max)();
    if (pipe_->lost || closed || (gone <= now && !pipe_->held)) {
        errno = pipe_->lost ? pipe_->lost : EPIPE;
        return -1;
    }
    const std::size_t capacity = pipe_->options.get_capacity();
    std::size_t room = capacity > out().size ? capacity - out().size : 0;
    try {
        std::string bytes;
        for (const iovec& piece : pieces) {
            const std::size_t count = std::min(piece.iov_len, room);
            bytes.append(static_cast<const char*>(piece.iov_base), count);
            room -= count;
            if (count < piece.iov_len) out().refused = true;
        }
        if (bytes.empty()) {
            errno = EAGAIN;
            return -1;
        }
        const auto sent = static_cast<ssize_t>(bytes.size());
        if (gone != (TimePoint::max)()) return sent;  // nobody will receive it
        TimePoint arrives = now + pipe_->options.get_latency();
        if (!out().segments.empty()) arrives = std::max(arrives, out().segments.back().arrives);
        out().segments.push_back({arrives, std::move(bytes)});
        out().size += static_cast<std::size_t>(sent);
        tell_other();
        return sent;
    } catch (const std::bad_alloc&) {
        errno = ENOMEM;
        return -1;
    }
}

std::string MemoryTransport::take_arrived() {
    Arriving& from = in();
    const TimePoint now = loop_->time();
    const std::size_t most = std::max<std::size_t>(pipe_->options.get_chunk_size(), 1);
    std::string chunk;
    while (!from.segments.empty() && from.segments.front().arrives <= now && chunk.size() < most) {
        const std::string& bytes = from.segments.front().bytes;
        const std::size_t count = std::min(bytes.size() - from.taken, most - chunk.size());
        chunk.append(bytes, from.taken, count);
        from.taken += count;
        if (from.taken < bytes.size()) break;
        from.segments.pop_front();
        from.taken = 0;
    }
    from.size -= chunk.size();
    if (!chunk.empty() && std::exchange(from.refused, false) && other()) other()->wake();
    return chunk;
}

void MemoryTransport::read_failed(int error) {
    errno = error;
    fatal_error(system_error("read from"), "Fatal read error on ", kind());
}

void MemoryTransport::receive() {
    std::string chunk = std::exchange(pending_, {});
    if (chunk.empty()) {
        const TimePoint now = loop_->time();
        if (pipe_->lost) {
            read_failed(pipe_->lost);
            return;
        }
        if (!pipe_->held && in().segments.empty() && in().ends <= now) {
            in().reset ? read_failed(ECONNRESET) : deliver_eof();
            return;
        }
        try {
            if (!pipe_->held) chunk = take_arrived();
            if (chunk.empty()) {
                state_ &= ~kReadable;
                arm(now);
                return;
            }
        } catch (const std::bad_alloc&) {
            read_failed(ENOMEM);
            return;
        }
    }
    struct KeepRest {
        std::string& chunk;
        std::string& pending;
        std::size_t taken = 0;
        ~KeepRest() { (pending = std::move(chunk)).erase(0, taken); }
    };
    {
        KeepRest rest{chunk, pending_};
        deliver(BytesView(chunk), rest.taken);
    }
    if (has_input()) enqueue();
}

}  // namespace

MemoryPipe::MemoryPipe(const MemoryPipeOptions& options) : state_(std::make_shared<State>(options)) {}

Ref<Transport> MemoryPipe::make_transport(EventLoop& loop, End end, std::shared_ptr<BaseProtocol> protocol,
                                          SocketTransportOptions options) const {
    loop.check_closed();
    const auto number = static_cast<std::size_t>(end);
    if (state_->made[number]) throw RuntimeError("this end of the memory pipe has its transport already");
    if (state_->loop && state_->loop.get() != &loop) {
        throw ValueError("the other end of the memory pipe belongs to another loop");
    }
    return Ref<Transport>(new MemoryTransport(loop, state_, number, std::move(protocol), std::move(options)));
}

void MemoryPipe::set_options(const MemoryPipeOptions& options) const {
    state_->options = options;
    for (MemoryTransport* transport : state_->transports) {
        if (transport) transport->wake();  // there may be more room
    }
}

void MemoryPipe::hold() const { state_->held = true; }

void MemoryPipe::release() const {
    state_->held = false;
    for (MemoryTransport* transport : state_->transports) {
        if (transport) transport->wake();
    }
}

void MemoryPipe::shut_down(End end) const {
    const std::size_t other = 1 - static_cast<std::size_t>(end);
    Arriving& arriving = state_->arriving[other];
    arriving.ends = arriving.segments.empty() ? TimePoint() : arriving.segments.back().arrives;
    if (state_->transports[other]) state_->transports[other]->wake();
}

void MemoryPipe::lose(int error_number) const {
    state_->lost = error_number;
    for (Arriving& arriving : state_->arriving) arriving.clear();
    for (MemoryTransport* transport : state_->transports) {
        if (transport) transport->wake();
    }
}

std::size_t MemoryPipe::in_flight(End end) const noexcept {
    return state_->arriving[1 - static_cast<std::size_t>(end)].size;
}

namespace {

Coro<StreamPair> attach_streams(MemoryPipe pipe, End end, std::size_t limit) {
    EventLoop& loop = get_running_loop();
    const Future<> made = loop.create_future<>();
    SocketTransportOptions options;
    options.on_made([made] {
        if (!made.done()) made.set_result();
    });
    StreamReader reader(limit);
    auto protocol = std::make_shared<StreamReaderProtocol>(reader);
    const Ref<Transport> transport = pipe.make_transport(loop, end, protocol, std::move(options));
    StreamWriter writer(*transport, std::move(protocol), reader);  // its last handle closes the transport
    co_await made;
    co_return StreamPair(std::move(reader), std::move(writer));
}

}  // namespace

Coro<std::pair<StreamPair, StreamPair>> open_memory_connection(MemoryPipe pipe, std::size_t limit) {
    StreamPair first = co_await attach_streams(pipe, End::first, limit);
    StreamPair second = co_await attach_streams(pipe, End::second, limit);
    co_return std::pair<StreamPair, StreamPair>(std::move(first), std::move(second));
}

}  // namespace aio::testing
