// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/event_loop.hpp>
#include <aio/task/future.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <algorithm>
#include <any>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// An upgrade that changes every byte, in the place of TLS. The client greets with "XOR name\n", the server
/// answers "OK\n", and from then on both send each byte with its bits turned round.
namespace aio::tests {

inline std::string turned(BytesView data) {
    std::string text = data.str();
    for (char& byte : text) byte = static_cast<char>(~byte);
    return text;
}

class XorProtocol;

/// The transport above. All that is to be sent is buffered below.
class XorTransport final : public Transport {
public:
    XorTransport(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol)
        : below_(std::move(below)), protocol_(std::move(protocol)) {}
    ~XorTransport() override = default;

    void close() override {
        below_->close();
        look();
    }
    void abort() override {
        below_->abort();
        look();
    }
    std::any get_extra_info(std::string_view name) const override {
        return name == "cipher" ? std::any(std::string("XOR")) : below_->get_extra_info(name);
    }
    void set_protocol(std::shared_ptr<BaseProtocol> protocol) override { protocol_ = std::move(protocol); }
    std::shared_ptr<BaseProtocol> get_protocol() const override { return protocol_; }
    std::string repr() const override { return "<XorTransport over " + below_->repr() + ">"; }

    void pause_reading() override { below_->pause_reading(); }
    void resume_reading() override;
    bool is_reading() const noexcept override { return below_->is_reading(); }

    using WriteTransport::write;
    using WriteTransport::writelines;
    void write(BytesView data) override {
        below_->write(turned(data));
        look();
    }
    void write(BytesView data, std::shared_ptr<const void>) override { write(data); }
    void writelines(std::span<const BytesView> pieces) override {
        std::string all;
        for (const BytesView piece : pieces) all += piece.text();
        write(BytesView(all));
    }
    void write_eof() override { below_->write_eof(); }
    bool can_write_eof() const noexcept override { return below_->can_write_eof(); }
    void set_gather_writes(bool on) override { below_->set_gather_writes(on); }
    void gather_this_step() override { below_->gather_this_step(); }
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) override {
        below_->set_write_buffer_limits(high, low);
    }
    WriteBufferLimits get_write_buffer_limits() const noexcept override {
        return below_->get_write_buffer_limits();
    }
    std::size_t get_write_buffer_size() const override { return below_->get_write_buffer_size(); }

    StreamProtocol& protocol() const { return dynamic_cast<StreamProtocol&>(*protocol_); }
    /// The one below may have closed of its own accord; and who writes until this one is_closing() would
    /// never end.
    void look() noexcept {
        if (below_->is_closing()) set_closing();
    }
    void lost(std::exception_ptr error, bool tell) {
        set_closing();
        const auto last = std::exchange(protocol_, nullptr);
        if (tell && last) last->connection_lost(std::move(error));
    }

private:
    friend class XorProtocol;
    Ref<Transport> below_;
    std::shared_ptr<BaseProtocol> protocol_;
    XorProtocol* link_ = nullptr;
};

/// The protocol below.
class XorProtocol final : public Protocol,
                          public UpgradedProtocol,
                          public std::enable_shared_from_this<XorProtocol> {
public:
    XorProtocol(EventLoop& loop, Ref<XorTransport> upper, Ref<Transport> below,
                const StartTlsOptions& options)
        : upper_(std::move(upper)),
          below_(std::move(below)),
          server_(options.get_server_side()),
          made_(!options.get_call_connection_made()),
          loop_(loop),
          handshake_(loop.create_future<>()) {
        upper_->link_ = this;
    }

    ~XorProtocol() override {  // the loop was closed
        upper_->link_ = nullptr;
        upper_->lost(nullptr, false);
    }
    Transport* upper() const noexcept override { return upper_.get(); }
    const Future<>& handshake() const { return handshake_; }
    std::string greeting;  ///< what the client said

    void data_received(BytesView data) override {
        received_ += data.text();
        if (!open_) return shake_hands();
        deliver();
    }
    void open(bool call_connection_made) {
        open_ = true;
        if (call_connection_made) {
            made_ = true;
            upper_->protocol().connection_made(*upper_);
        }
        deliver();
    }
    bool eof_received() override {
        if (open_) {
            const bool keep_open = upper_->protocol().eof_received();
            if (!keep_open) upper_->set_closing();
            return keep_open;
        }
        fail("the peer has ended the connection in the handshake");
        return false;
    }
    void pause_writing() override {
        if (made_) upper_->protocol().pause_writing();
    }
    void resume_writing() override {
        if (made_) upper_->protocol().resume_writing();
    }
    void connection_lost(std::exception_ptr error) override {
        if (error && !handshake_.done()) handshake_.set_exception(error);
        fail("Connection lost");
        below_ = nullptr;
        upper_->lost(std::move(error), made_);
    }
    /// Before the one below goes on: what is here came first.
    void resumed() {
        if (delivering_ || received_.empty() || !open_) return;
        loop_.call_soon([self = shared_from_this()] { self->deliver(); });
    }

private:
    void fail(const char* text) {
        if (!handshake_.done()) handshake_.set_exception(ConnectionResetError(text));
    }
    void shake_hands() {
        const std::size_t end = received_.find('\n');
        if (handshake_.done() || end == received_.npos) return;
        greeting = received_.substr(0, end);
        received_.erase(0, end + 1);
        if (server_ ? !greeting.starts_with("XOR ") : greeting != "OK") {
            handshake_.set_exception(OSError("no XOR greeting: " + greeting));
            return;
        }
        if (server_) below_->write("OK\n");
        handshake_.set_result();
    }
    // Until the protocol has had enough.
    void deliver() {
        struct Delivering {
            explicit Delivering(bool& set) : flag(set) { flag = true; }
            ~Delivering() { flag = false; }
            bool& flag;
        };
        if (delivering_) return;
        const Delivering scope(delivering_);
        while (!received_.empty() && below_ && below_->is_reading()) {
            if (auto* plain = dynamic_cast<Protocol*>(&upper_->protocol())) {
                plain->data_received(turned(std::exchange(received_, "")));
                continue;
            }
            auto& buffered = dynamic_cast<BufferedProtocol&>(upper_->protocol());
            const std::span<char> room = buffered.get_buffer(received_.size());
            if (!below_ || !below_->is_reading()) break;
            const std::size_t count = std::min(room.size(), received_.size());
            std::ranges::copy(turned(received_.substr(0, count)), room.begin());
            received_.erase(0, count);
            buffered.buffer_updated(count);
        }
        upper_->look();
    }

    Ref<XorTransport> upper_;
    Ref<Transport> below_;
    bool server_;
    bool made_;
    bool open_ = false;
    bool delivering_ = false;
    EventLoop& loop_;
    Future<> handshake_;
    std::string received_;
};

inline void XorTransport::resume_reading() {
    if (link_ && !is_closing()) link_->resumed();
    below_->resume_reading();
}

class XorUpgrade final : public TransportUpgrade {
public:
    Coro<Ref<Transport>> upgrade(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                                 StartTlsOptions options) override {
        if (below->is_closing()) throw ConnectionResetError("Connection lost");
        seen.push_back(options);
        const Ref<XorTransport> upper(new XorTransport(below, std::move(protocol)));
        const auto link = std::make_shared<XorProtocol>(get_running_loop(), upper, below, options);
        below->set_protocol(link);
        below->resume_reading();
        if (!options.get_server_side()) below->write("XOR " + options.get_server_hostname() + "\n");
        if (!options.get_received().empty()) link->data_received(options.get_received());
        co_await link->handshake();
        if (below->is_closing()) throw ConnectionResetError("Connection lost");
        link->open(options.get_call_connection_made());
        co_return upper;
    }

    std::vector<StartTlsOptions> seen;
};

}  // namespace aio::tests
