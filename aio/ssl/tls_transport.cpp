// SPDX-License-Identifier: MIT
// Handshake, input and the end of TLS connections. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/ssl/error.hpp>
#include <aio/ssl/handshake_turns_impl.hpp>
#include <aio/ssl/scratch_impl.hpp>
#include <aio/ssl/tls_transport_impl.hpp>
#include <aio/transport/transport_core_impl.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace aio::ssl::detail {

TlsTransport::TlsTransport(EventLoop& loop, Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                           std::shared_ptr<Engine> engine, const StartTlsOptions& options)
    : loop_(&loop),
      below_(std::move(below)),
      engine_(std::move(engine)),
      handshake_(loop.create_future<>()),
      shutdown_timeout_(options.get_ssl_shutdown_timeout()),
      made_(!options.get_call_connection_made()) {
    install(std::move(protocol));
}

TlsTransport::~TlsTransport() = default;

void TlsTransport::install(std::shared_ptr<BaseProtocol> protocol) {
    const aio::detail::StreamProtocolKind kind(protocol.get());
    protocol_ = std::move(protocol);
    buffered_ = kind.buffered;
    plain_ = kind.plain;
}

void TlsTransport::set_protocol(std::shared_ptr<BaseProtocol> protocol) {
    if (state_ == State::lost) return;
    auto before = protocol_;
    install(std::move(protocol));
    // The old one may be the caller: it lives until the next iteration.
    if (!loop_->is_closed()) loop_->call_soon([old = std::move(before)] {});
}

std::any TlsTransport::get_extra_info(std::string_view name) const {
    if (name == "sslcontext") return engine_->context();
    const SSLObject object(engine_);
    if (name == "ssl_object") return object;
    if (name == "peercert") {
        if (auto certificate = object.getpeercert()) return *std::move(certificate);
        return std::any();
    }
    if (name == "cipher") {
        if (auto cipher = object.cipher()) return *std::move(cipher);
        return std::any();
    }
    if (name == "compression") return std::any();
    return below_->get_extra_info(name);
}

std::string TlsTransport::repr() const {
    const char* const state = state_ == State::lost ? "closed" : is_closing() ? "closing" : "open";
    return std::string("<TlsTransport ") + state + " over " + below_->repr() + ">";
}

// --- the handshake --------------------------------------------------------------------------------

namespace {

std::exception_ptr closed_early() {
    return std::make_exception_ptr(
        ConnectionResetError(ECONNRESET, "the peer has closed the connection during the handshake"));
}

}  // namespace

void TlsTransport::begin(BytesView received_before) {
    below_->set_write_buffer_limits(kHighMark, std::nullopt);
    if (received_before.empty()) return advance();
    received(received_before);
}

void TlsTransport::step_handshake() {
    const Engine::Outcome outcome = [this] {
        const HandshakeTurns::Step step(*loop_);
        return engine_->do_handshake();
    }();
    if (outcome == Engine::Outcome::done) state_ = State::shaken;
    send_output();  // after a failure it is the alert
    if (outcome == Engine::Outcome::failed) return handshake_failed(engine_->error());
    if (outcome == Engine::Outcome::closed) return handshake_failed(closed_early());
    if (state_ == State::shaken && !handshake_.done()) handshake_.set_result();
}

void TlsTransport::take_turn() {
    scheduled_ = false;
    try {
        advance(true);
        if (state_ == State::shaking_hands && eof_below_) handshake_failed(closed_early());
        if (is_reading() && pending_.empty()) below_->resume_reading();
    } catch (const std::bad_alloc&) {
        fail(std::current_exception());
    }
}

void TlsTransport::handshake_failed(std::exception_ptr error) {
    engine_->input = BytesView();
    pending_.clear();
    if (handshake_.done()) return;
    handshake_.set_exception(std::move(error));
    handshake_.exception();  // whoever shook hands may be gone
}

void TlsTransport::open(bool call_connection_made) {
    state_ = State::open;
    if (call_connection_made) {
        made_ = true;
        static_cast<StreamProtocol&>(*protocol_).connection_made(*this);
    }
    // Not from here: streams do not know of this transport yet.
    if (!pending_.empty() || engine_->has_input() || eof_below_) run_soon();
    pause_as_needed();
}

// --- input ----------------------------------------------------------------------------------------

namespace {

// What waits while the protocol does not read; only who breaks TLS's rules can send more.
constexpr std::size_t kMostPending = 1024 * 1024;
// What waits with a handshake for its turn, until the transport below is paused.
constexpr std::size_t kMostWaiting = 64 * 1024;

std::exception_ptr flooded() {
    return std::make_exception_ptr(SSLError("too much has come in the middle of a message of TLS"));
}

}  // namespace

void TlsTransport::received(BytesView data) {
    const Ref<TlsTransport> keep(this);
    if (advancing_ || !pending_.empty() || scheduled_) {
        pending_ += data.text();
        if (!reading_ && pending_.size() > kMostPending) return fail(flooded());
        if (state_ == State::shaking_hands && pending_.size() > kMostWaiting) below_->pause_reading();
    } else {
        engine_->input = data;
    }
    if (!scheduled_) advance();
}

// Goes as far as what has arrived allows.
void TlsTransport::advance(bool has_turn) {
    if (advancing_ || state_ == State::lost) return;
    const Ref<TlsTransport> keep(this);
    advancing_ = true;
    std::string used = std::exchange(pending_, std::string());
    if (!used.empty()) engine_->input = used;
    const auto settle = [&] {  // keeps what is left
        advancing_ = false;
        const std::string_view left = engine_->input.text();
        engine_->input = BytesView();
        if (left.empty() || state_ == State::lost) return;
        if (pending_.empty() && left.size() == used.size()) {
            pending_ = std::move(used);
        } else {
            pending_.insert(0, left);
        }
    };
    try {
        if (state_ == State::shaking_hands && !handshake_.done()) {
            scheduled_ = !has_turn && HandshakeTurns::must_wait(*loop_, *this);
            if (!scheduled_) step_handshake();
        }
        if (state_ == State::open) deliver();
        if (state_ == State::open && !reading_ && !backlog_.empty()) write_while_paused();
        if (state_ == State::closing) drop_input();
    } catch (...) {
        settle();
        throw;
    }
    settle();
    input_used();
}

// What is to be sent waits for the rest of a message of TLS, which is read for it although the protocol does
// not read.
void TlsTransport::write_while_paused() {
    send_backlog();
    if (state_ == State::open && backlog_.empty() && !reading_) below_->pause_reading();
}

// What comes next, once nothing more can be taken of what is here.
void TlsTransport::input_used() {
    look();
    if (state_ != State::open || !reading_) return;
    if (!pending_.empty() || engine_->has_input()) return run_soon();
    if (eof_below_) return truncated();
    if (!backlog_.empty()) send_backlog();
}

void TlsTransport::run_soon() {
    if (scheduled_ || loop_->is_closed()) return;
    loop_->call_soon(context_, [self = Ref<TlsTransport>(this)] { self->run(); });
    scheduled_ = true;
}

void TlsTransport::run() {
    scheduled_ = false;
    try {
        advance();
        if (is_reading() && !scheduled_ && pending_.empty()) below_->resume_reading();
    } catch (const std::bad_alloc&) {
        fail(std::current_exception());
    }
}

void TlsTransport::deliver() {
    while (is_reading() && state_ == State::open && engine_->has_input()) {
        const bool more = buffered_ ? deliver_buffered() : deliver_plain();
        if (!more) break;
    }
}

// Whether reading goes on.
bool TlsTransport::read_ended(Engine::Outcome outcome) {
    if (state_ != State::open) return false;
    if (outcome == Engine::Outcome::failed) fail(engine_->error());
    if (outcome == Engine::Outcome::closed && is_reading()) peer_said_goodbye();
    return outcome == Engine::Outcome::done;
}

namespace {

// Fills `room` as far as there is something for it.
Engine::Outcome read_all(Engine& engine, std::span<char> room, std::size_t& total) {
    Engine::Outcome outcome = Engine::Outcome::done;
    while (outcome == Engine::Outcome::done && total < room.size() && engine.has_input()) {
        std::size_t count = 0;
        outcome = engine.read(room.subspan(total), count);
        if (outcome == Engine::Outcome::done) total += count;
    }
    return outcome;
}

}  // namespace

bool TlsTransport::deliver_plain() {
    Scratch scratch;
    const std::span<char> room = scratch.room(std::clamp(engine_->input.size(), kRecord, kMostDelivered));
    std::size_t count = 0;
    const Engine::Outcome outcome = read_all(*engine_, room, count);
    if (count > 0) {
        try {
            plain_->data_received(BytesView(room.data(), count));
        } catch (...) {
            callback_failed("Fatal error: protocol.data_received() call failed.");
            return false;
        }
    }
    send_output();  // an answer of TLS itself, also where it gave no data; may call the protocol
    return read_ended(outcome);
}

bool TlsTransport::deliver_buffered() {
    const char* failure = "Fatal error: protocol.get_buffer() call failed.";
    Engine::Outcome outcome = Engine::Outcome::done;
    try {
        BufferedProtocol* const target = buffered_;
        const std::span<char> room = target->get_buffer(std::max(engine_->input.size(), kRecord));
        if (room.empty()) throw RuntimeError("get_buffer() returned an empty buffer");
        if (!is_reading() || state_ != State::open) return false;
        std::size_t count = 0;
        outcome = read_all(*engine_, room, count);
        failure = "Fatal error: protocol.buffer_updated() call failed.";
        if (count > 0) target->buffer_updated(count);
    } catch (...) {
        callback_failed(failure);
        return false;
    }
    send_output();
    return read_ended(outcome);
}

void TlsTransport::peer_said_goodbye() {
    if (state_ != State::open) return;
    try {
        if (made()) static_cast<StreamProtocol&>(*protocol_).eof_received();  // there is no half-closed TLS
    } catch (...) {
        callback_failed("Fatal error: protocol.eof_received() call failed.");
        return;
    }
    close();
}

void TlsTransport::drop_input() {
    Scratch scratch;
    const std::span<char> room = scratch.room(kRecord);
    Engine::Outcome outcome = Engine::Outcome::done;
    while (outcome == Engine::Outcome::done && engine_->has_input()) {
        std::size_t count = 0;
        outcome = engine_->read(room, count);
    }
    send_output();
    if (outcome == Engine::Outcome::closed || outcome == Engine::Outcome::failed) {
        engine_->input = BytesView();
        return below_->close();
    }
    if (below_->is_closing()) return;
    if (!backlog_.empty()) return send_backlog();  // which says goodbye
    if (!engine_->said_goodbye()) say_goodbye();
}

bool TlsTransport::eof_received() {
    const Ref<TlsTransport> keep(this);
    eof_below_ = true;
    switch (state_) {
        case State::shaking_hands:
            if (scheduled_) return true;  // told by take_turn()
            handshake_failed(closed_early());
            return false;
        case State::shaken:
            return true;  // told by open()
        case State::open:
            if (!pending_.empty() || !reading_) return true;
            truncated();
            return true;
        default:
            return false;
    }
}

void TlsTransport::truncated() {
    set_closing();
    fail(std::make_exception_ptr(SSLEOFError()));
}

void TlsTransport::pause_reading() {
    if (!is_reading()) return;
    reading_ = false;
    if (backlog_.empty()) below_->pause_reading();  // else what is to be sent waits for input
}

void TlsTransport::resume_reading() {
    if (reading_ || is_closing()) return;
    reading_ = true;
    if (pending_.empty() && !engine_->has_input() && !eof_below_) {
        below_->resume_reading();
    } else {
        run_soon();
    }
}

}  // namespace aio::ssl::detail
