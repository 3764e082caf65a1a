// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/contextvars.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/ssl/engine_impl.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <any>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace aio::ssl::detail {

/// A TLS connection over any other transport.
///
/// Rules:
/// 1. What is encrypted goes to the transport below at once, which gathers, buffers and pauses; its marks are
///    this one's. So only what TLS cannot encrypt yet waits here (`backlog_`), which takes a peer that stops
///    in the middle of a message of TLS itself.
/// 2. What has arrived is decrypted as long as the protocol reads. When it pauses, the transport below is
///    paused as well, so at most one of its reads (256 KiB) waits here, in `pending_`.
/// 3. The protocol's functions and the transport below are called when the state is in order; both may close,
///    abort or write.
/// 4. While nothing is under way the connection holds no buffers.
/// 5. A step of the handshake waits for its turn (HandshakeTurns), and what arrives meanwhile in `pending_`.
class TlsTransport final : public Transport {
public:
    TlsTransport(EventLoop& loop, Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                 std::shared_ptr<Engine> engine, const StartTlsOptions& options);

    // BaseTransport
    void close() override;
    std::any get_extra_info(std::string_view name) const override;
    void set_protocol(std::shared_ptr<BaseProtocol> protocol) override;
    std::shared_ptr<BaseProtocol> get_protocol() const override { return protocol_; }
    std::string repr() const override;

    // ReadTransport
    void pause_reading() override;
    void resume_reading() override;
    bool is_reading() const noexcept override { return reading_ && !is_closing(); }

    // WriteTransport
    using WriteTransport::write;
    using WriteTransport::writelines;
    void write(BytesView data) override;
    void write(BytesView data, std::shared_ptr<const void> owner) override;
    void writelines(std::span<const BytesView> pieces) override;
    void write_eof() override;
    bool can_write_eof() const noexcept override { return false; }
    void abort() override;
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) override;
    WriteBufferLimits get_write_buffer_limits() const noexcept override;
    std::size_t get_write_buffer_size() const override;
    void set_gather_writes(bool on) override { below_->set_gather_writes(on); }
    void gather_this_step() override { below_->gather_this_step(); }

    // --- for upgrade() ---

    /// Begins to shake hands; `received` has come already.
    void begin(BytesView received);
    const Future<>& handshake() const noexcept { return handshake_; }
    /// From now on the protocol is served.
    void open(bool call_connection_made);

    // --- for the protocol below ---

    void received(BytesView data);
    /// Whether the connection below stays open for what is to be sent.
    bool eof_received();
    void below_paused(bool paused);
    void lost(std::exception_ptr error);
    /// Without a word: the loop was closed.
    void let_go() noexcept;

    // --- for HandshakeTurns ---

    /// Goes on with a handshake that had to wait.
    void take_turn();
    const aio::Context& context() const noexcept { return context_; }

private:
    enum class State {
        shaking_hands,
        shaken,   ///< the handshake is over; open() follows
        open,     ///< data goes both ways
        closing,  ///< close() was called; what arrives is dropped, until the peer's goodbye
        lost
    };
    ~TlsTransport() override;

    void install(std::shared_ptr<BaseProtocol> protocol);
    bool made() const noexcept { return made_ && protocol_; }

    // --- input ---
    void advance(bool has_turn = false);
    void step_handshake();
    void handshake_failed(std::exception_ptr error);
    void deliver();
    bool deliver_plain();
    bool deliver_buffered();
    bool read_ended(Engine::Outcome outcome);
    void drop_input();
    void write_while_paused();
    void input_used();
    void run_soon();
    void run();
    void peer_said_goodbye();
    void truncated();

    // --- output ---
    void encrypt(BytesView data);
    void encrypt_pieces(BytesView data);
    void wait_for_input(BytesView data);
    void send_backlog();
    void refuse(std::size_t size);
    void send_output();
    void pause_as_needed();

    // --- the end ---
    void say_goodbye();
    void watch_shutdown();
    void shutdown_takes_long();
    void fail(std::exception_ptr error);
    void report(const std::exception_ptr& error, const char* message);
    void callback_failed(const char* message);
    void look() noexcept {
        if (below_->is_closing()) set_closing();
    }

    Ref<EventLoop> loop_;
    aio::Context context_ = copy_context();  ///< of what the protocol is told
    Ref<Transport> below_;
    std::shared_ptr<Engine> engine_;
    std::shared_ptr<BaseProtocol> protocol_;
    BufferedProtocol* buffered_ = nullptr;  ///< the protocol as what it is; one of the two
    Protocol* plain_ = nullptr;
    Future<> handshake_;
    TimerHandle shutdown_timer_;
    std::exception_ptr error_;  ///< for connection_lost()
    std::string pending_;       ///< encrypted, and not looked at yet
    std::string backlog_;       ///< to be encrypted
    const Duration shutdown_timeout_;
    std::size_t unsent_ = 0;  ///< below, when the time for the shutdown began
    std::uint32_t ignored_writes_ = 0;
    State state_ = State::shaking_hands;
    bool made_;
    bool reading_ = true;
    bool advancing_ = false;
    bool scheduled_ = false;
    bool eof_below_ = false;     ///< the end of file came, and is told when what came before is
    bool below_paused_ = false;  ///< the transport below has asked to stop writing
    bool told_to_pause_ = false;
    bool encrypting_ = false;
};

/// The protocol of the transport below.
class TlsLink final : public Protocol, public UpgradedProtocol {
public:
    explicit TlsLink(Ref<TlsTransport> upper) noexcept : upper_(std::move(upper)) {}
    ~TlsLink() override { upper_->let_go(); }
    Transport* upper() const noexcept override { return upper_.get(); }

    void data_received(BytesView data) override { upper_->received(data); }
    bool eof_received() override { return upper_->eof_received(); }
    void pause_writing() override { upper_->below_paused(true); }
    void resume_writing() override { upper_->below_paused(false); }
    void connection_lost(std::exception_ptr error) override { upper_->lost(std::move(error)); }

private:
    Ref<TlsTransport> upper_;
};

}  // namespace aio::ssl::detail
