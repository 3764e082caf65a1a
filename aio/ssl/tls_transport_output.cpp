// SPDX-License-Identifier: MIT
// Output of TLS connections, and how they close. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/ssl/error.hpp>
#include <aio/ssl/scratch_impl.hpp>
#include <aio/ssl/tls_transport_impl.hpp>
#include <aio/transport/transport_core_impl.hpp>

#include <algorithm>
#include <cerrno>
#include <new>
#include <typeinfo>
#include <utility>

namespace aio::ssl::detail {
namespace {

// What is encrypted at once: whole records, and what the transport below sends with one call.
constexpr std::size_t kEncryptedAtOnce = 4 * kRecord;

// For those who cannot throw.
template <class E, class... Args>
std::exception_ptr made_error(Args&&... args) noexcept {
    try {
        return std::make_exception_ptr(E(std::forward<Args>(args)...));
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

// --- writing --------------------------------------------------------------------------------------

void TlsTransport::write(BytesView data) {
    look();  // a gathered write or a read may have found the connection lost since
    if (data.empty() || state_ != State::open || is_closing()) [[unlikely]] {
        return refuse(data.size());
    }
    encrypt(data);
}

void TlsTransport::write(BytesView data, std::shared_ptr<const void>) { write(data); }

void TlsTransport::writelines(std::span<const BytesView> pieces) {
    std::string together;  // short ones share a record
    for (const BytesView piece : pieces) together += piece.text();
    write(BytesView(together));
}

void TlsTransport::write_eof() { throw RuntimeError("a TLS connection has no half-closed state"); }

void TlsTransport::refuse(std::size_t size) {
    constexpr std::uint32_t kWarnFrom = 5;
    if (size > 0 && ++ignored_writes_ >= kWarnFrom) log(LogLevel::warning, "SSL connection is closed");
}

void TlsTransport::encrypt(BytesView data) {
    loop_->check_thread();
    const Ref<TlsTransport> keep(this);
    if (!backlog_.empty()) {
        backlog_ += data.text();
        return pause_as_needed();
    }
    encrypting_ = true;  // whoever is told to pause may write or close: what is written here comes first
    try {
        encrypt_pieces(data);
    } catch (...) {
        encrypting_ = false;
        fail(std::current_exception());  // some of it may have been sent
        throw;
    }
    encrypting_ = false;
    pause_as_needed();
}

void TlsTransport::encrypt_pieces(BytesView data) {
    while (!data.empty() && !below_->is_closing()) {
        const BytesView piece(data.data(), std::min(data.size(), kEncryptedAtOnce));
        OutputMemory::lend(engine_->output);
        const Engine::Outcome outcome = engine_->write(piece);
        send_output();
        if (outcome == Engine::Outcome::failed) fail(engine_->error());
        if (outcome == Engine::Outcome::again) wait_for_input(data);
        if (outcome != Engine::Outcome::done) break;
        data = data.subview(piece.size());
    }
}

// The rest of a message of TLS has to come first, also where the protocol does not read.
void TlsTransport::wait_for_input(BytesView data) {
    backlog_ = data.str();
    if (reading_) return;
    below_->resume_reading();
    if (!pending_.empty() && !advancing_) run_soon();  // it may be here already
}

void TlsTransport::send_backlog() {
    OutputMemory::lend(engine_->output);
    const Engine::Outcome outcome = engine_->write(backlog_);
    std::string sent;
    if (outcome != Engine::Outcome::again) sent.swap(backlog_);
    encrypting_ = true;  // what is written in pause_writing() comes after it
    send_output();
    encrypting_ = false;
    if (outcome == Engine::Outcome::failed) return fail(engine_->error());
    if (outcome == Engine::Outcome::done && state_ == State::closing) say_goodbye();
    pause_as_needed();
}

void TlsTransport::send_output() {
    std::string output = std::exchange(engine_->output, std::string());
    if (!output.empty()) {
        try {
            below_->write(BytesView(output));
        } catch (...) {
            encrypting_ = false;
            fail(std::current_exception());  // what is lost cannot be encrypted again
            throw;
        }
        look();
    }
    OutputMemory::take_back(std::move(output));
}

// --- flow control ---------------------------------------------------------------------------------

void TlsTransport::set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) {
    if (!high && !low) high = kHighMark;
    below_->set_write_buffer_limits(high, low);
}

WriteBufferLimits TlsTransport::get_write_buffer_limits() const noexcept {
    return below_->get_write_buffer_limits();
}

std::size_t TlsTransport::get_write_buffer_size() const {
    return below_->get_write_buffer_size() + backlog_.size();
}

void TlsTransport::below_paused(bool paused) {
    const Ref<TlsTransport> keep(this);
    if (!paused && !below_paused_) told_to_pause_ = true;  // before the upgrade, by the transport below
    below_paused_ = paused;
    if (!encrypting_) pause_as_needed();
}

void TlsTransport::pause_as_needed() {
    const bool full = below_paused_ || backlog_.size() > get_write_buffer_limits().high;
    if (full == told_to_pause_ || !made()) return;
    told_to_pause_ = full;
    try {
        full ? protocol_->pause_writing() : protocol_->resume_writing();
    } catch (...) {
        if (aio::detail::handling_exit_exception()) throw;
        report(std::current_exception(),
               full ? "protocol.pause_writing() failed" : "protocol.resume_writing() failed");
    }
}

// --- the end --------------------------------------------------------------------------------------

void TlsTransport::close() {
    if (is_closing()) return;
    loop_->check_thread();
    const Ref<TlsTransport> keep(this);
    set_closing();
    if (state_ != State::open) return below_->abort();  // nobody has been told of it
    state_ = State::closing;
    try {
        watch_shutdown();
        if (backlog_.empty()) say_goodbye();
        if (eof_below_ || engine_->peer_closed()) return below_->close();
        below_->resume_reading();
        advance();
    } catch (const std::bad_alloc&) {  // whoever closes has nobody to tell
        fail(std::current_exception());
    }
}

void TlsTransport::abort() {
    if (state_ == State::lost) return;
    loop_->check_thread();
    const Ref<TlsTransport> keep(this);
    set_closing();
    if (state_ == State::open) state_ = State::closing;
    below_->abort();
}

void TlsTransport::say_goodbye() {
    if (!engine_->said_goodbye()) engine_->shut_down();
    send_output();
}

void TlsTransport::watch_shutdown() {
    unsent_ = below_->get_write_buffer_size();
    shutdown_timer_ = loop_->call_later(context_, shutdown_timeout_,
                                        [self = Ref<TlsTransport>(this)] { self->shutdown_takes_long(); });
}

// A slow reader's time begins anew as long as it reads.
void TlsTransport::shutdown_takes_long() {
    try {
        if (below_->get_write_buffer_size() < unsent_) return watch_shutdown();
    } catch (const std::bad_alloc&) {  // nobody would watch any more
        return fail(std::current_exception());
    }
    fail(made_error<TimeoutError>("SSL shutdown timed out"));
}

void TlsTransport::fail(std::exception_ptr error) {
    if (state_ == State::lost) return;
    if (!error_) error_ = std::move(error);
    set_closing();
    if (state_ == State::open) state_ = State::closing;
    engine_->input = BytesView();
    pending_.clear();
    below_->abort();
}

void TlsTransport::report(const std::exception_ptr& error, const char* message) {
    loop_->report(error, [&] {
        const BaseProtocol* const protocol = protocol_.get();
        const std::string name = protocol ? "<" + type_name(typeid(*protocol)) + ">" : "None";
        ExceptionContext context(message);
        context.exception(error).set("transport", Ref<Transport>(this), repr());
        context.set("protocol", protocol_, name);
        return context;
    });
}

// In a catch block.
void TlsTransport::callback_failed(const char* message) {
    if (aio::detail::handling_exit_exception()) {
        if (state_ == State::open) run_soon();  // goes on if the loop is run again
        throw;
    }
    const std::exception_ptr error = std::current_exception();
    if (!aio::detail::is_ordinary_disconnect(error)) report(error, message);
    fail(error);
}

void TlsTransport::lost(std::exception_ptr error) {
    if (state_ == State::lost) return;
    const Ref<TlsTransport> keep(this);
    if (error_) error = error_;
    const std::shared_ptr<BaseProtocol> told = made() ? protocol_ : nullptr;
    let_go();
    if (!handshake_.done()) {
        handshake_failed(error ? error : made_error<ConnectionResetError>(ECONNRESET, "Connection lost"));
    }
    if (told) told->connection_lost(std::move(error));
}

void TlsTransport::let_go() noexcept {
    if (state_ == State::lost) return;
    const Ref<TlsTransport> keep(this);
    state_ = State::lost;
    set_closing();
    shutdown_timer_.cancel();
    shutdown_timer_ = TimerHandle();
    engine_->input = BytesView();
    pending_ = std::string();
    backlog_ = std::string();
    buffered_ = nullptr;
    plain_ = nullptr;
    const auto last = std::exchange(protocol_, nullptr);
}

}  // namespace aio::ssl::detail
