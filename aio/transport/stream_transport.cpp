// SPDX-License-Identifier: MIT
// Input and the life of stream transports. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <algorithm>
#include <cstring>

namespace aio {

StreamTransport::StreamTransport(EventLoop& loop, Ref<TransportGroup> group, UniqueFunction<void()> on_made)
    : TransportCore(loop, std::move(on_made)), group_(std::move(group)) {
    if (!loop.parts().gather_writes) state_ |= kImmediate;
}

StreamTransport::~StreamTransport() = default;

void StreamTransport::begin() noexcept {
    if (group_) group_->join(member_);
    add_ref();
}

void StreamTransport::install(std::shared_ptr<BaseProtocol> protocol) {
    const detail::StreamProtocolKind kind(protocol.get());
    protocol_ = std::move(protocol);
    buffered_ = kind.buffered;
    plain_ = kind.plain;
}

void StreamTransport::call_connection_made() {
    static_cast<StreamProtocol&>(*protocol_).connection_made(*this);
}

void StreamTransport::close() {
    if (state_ & kClosing) return;
    loop_->check_thread();
    settle();
    if (state_ & kClosing) return;
    set_state(kClosing);
    if (all_sent()) lose(nullptr);
}

void StreamTransport::abort() {
    settle();
    force_close(nullptr);
}

void StreamTransport::force_close(std::exception_ptr error) {
    if (state_ & kLost) return;
    loop_->check_thread();
    end_gathering();
    const auto dropped = std::move(queue_);  // its owners' deleters are user code and run last
    lose(std::move(error));
}

void StreamTransport::left() noexcept {
    end_gathering();
    buffered_ = nullptr;
    plain_ = nullptr;
    const auto queue = std::move(queue_);
    if (const Ref<TransportGroup> group = std::exchange(group_, nullptr)) group->leave(member_);
}

std::string StreamTransport::repr_of(const char* kind, const std::string& channel) const {
    std::string text = std::string("<") + kind + " ";
    text += state_ & kEnded ? "closed" : state_ & kClosing ? "closing" : "open";
    text += channel;
    if (queue_) text += " unsent=" + std::to_string(unsent());
    return text + ">";
}

// --- input ----------------------------------------------------------------------------------------

void StreamTransport::deliver(BytesView data, std::size_t& taken) {
    const char* failure = "Fatal error: protocol.data_received() call failed.";
    try {
        BufferedProtocol* const target = buffered_;
        if (!target) {
            taken = data.size();
            plain_->data_received(data);
            return;
        }
        failure = "Fatal error: protocol.get_buffer() call failed.";
        const std::span<char> buffer = target->get_buffer(data.size());
        if (buffer.empty()) throw RuntimeError("get_buffer() returned an empty buffer");
        if (state_ & kNotReading) return;
        taken = std::min(data.size(), buffer.size());
        std::memcpy(buffer.data(), data.data(), taken);
        failure = "Fatal error: protocol.buffer_updated() call failed.";
        target->buffer_updated(taken);
    } catch (...) {
        callback_failed(failure);
    }
}

void StreamTransport::deliver_eof() {
    state_ |= kEofReceived;
    bool keep_open = false;
    try {
        keep_open = static_cast<StreamProtocol&>(*protocol_).eof_received();
    } catch (...) {
        if (detail::handling_exit_exception()) state_ &= ~kEofReceived;  // is told again
        callback_failed("Fatal error: protocol.eof_received() call failed.");
        return;
    }
    if (!keep_open) close();
}

void StreamTransport::pause_reading() {
    if (!is_reading()) return;
    loop_->check_thread();
    state_ |= kPaused;
}

void StreamTransport::resume_reading() {
    if ((state_ & (kPaused | kClosing)) != kPaused) return;
    loop_->check_thread();
    state_ &= ~kPaused;
    if (has_input()) enqueue();  // an edge may have come in between
}

}  // namespace aio
