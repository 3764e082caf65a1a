// SPDX-License-Identifier: MIT
#pragma once

#include <aio/net/socket_transport.hpp>
#include <aio/transport/transport_factory.hpp>

#include <any>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// A transport that hands everything on to one below and counts what passes, as a layer such as TLS would
/// stand between a protocol and its socket.
namespace aio::tests {

struct Forwarded {
    std::size_t made = 0;  ///< transports
    std::size_t lost = 0;  ///< of them
    std::size_t writes = 0;
    std::size_t bytes_in = 0;
    std::size_t bytes_out = 0;
};

class ForwardingTransport final : public Transport {
public:
    ForwardingTransport(Forwarded& counts, Ref<TransportGroup> group)
        : counts_(counts), group_(std::move(group)) {
        ++counts_.made;
    }

    /// What the transport below has to serve.
    std::shared_ptr<BaseProtocol> below(std::shared_ptr<BaseProtocol> protocol) {
        std::shared_ptr<BaseProtocol> made;
        if (dynamic_cast<BufferedProtocol*>(protocol.get())) {
            made = link(std::make_shared<Buffered>());
        } else if (dynamic_cast<Protocol*>(protocol.get())) {
            made = link(std::make_shared<Plain>());
        } else {
            throw TypeError("a socket transport serves a Protocol or a BufferedProtocol");
        }
        protocol_ = std::move(protocol);
        return made;
    }
    /// It exists.
    void begin(Ref<Transport> transport) {
        inner_ = std::move(transport);
        if (group_) group_->join(member_);
    }

    void close() override {
        inner_->close();
        look();
    }
    std::any get_extra_info(std::string_view name) const override { return inner_->get_extra_info(name); }
    void set_protocol(std::shared_ptr<BaseProtocol> protocol) override {
        if (!protocol_) return;
        const auto before = protocol_;  // may be the caller
        inner_->set_protocol(below(std::move(protocol)));
    }
    std::shared_ptr<BaseProtocol> get_protocol() const override { return protocol_; }
    std::string repr() const override { return inner_->repr(); }

    void pause_reading() override { inner_->pause_reading(); }
    void resume_reading() override { inner_->resume_reading(); }
    bool is_reading() const noexcept override { return inner_->is_reading(); }

    using WriteTransport::write;
    using WriteTransport::writelines;
    void write(BytesView data) override {
        count(data.size());
        inner_->write(data);
        look();
    }
    void write(std::string&& data) override {
        count(data.size());
        inner_->write(std::move(data));
        look();
    }
    void write(BytesView data, std::shared_ptr<const void> owner) override {
        count(data.size());
        inner_->write(data, std::move(owner));
        look();
    }
    void writelines(std::span<const BytesView> pieces) override {
        for (const BytesView& piece : pieces) count(piece.size());
        inner_->writelines(pieces);
        look();
    }
    void writelines(std::span<WritePiece> pieces) override {
        for (const WritePiece& piece : pieces) count(piece.view().size());
        inner_->writelines(pieces);
        look();
    }
    void write_eof() override { inner_->write_eof(); }
    bool can_write_eof() const noexcept override { return inner_->can_write_eof(); }
    void abort() override {
        inner_->abort();
        look();
    }
    void set_write_buffer_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) override {
        inner_->set_write_buffer_limits(high, low);
    }
    WriteBufferLimits get_write_buffer_limits() const noexcept override {
        return inner_->get_write_buffer_limits();
    }
    std::size_t get_write_buffer_size() const override { return inner_->get_write_buffer_size(); }
    void set_gather_writes(bool on) override { inner_->set_gather_writes(on); }
    void gather_this_step() override { inner_->gather_this_step(); }

private:
    // Ends with the transport below, with or without connection_lost().
    struct Link {
        Link() = default;
        Link(const Link&) = delete;
        Link& operator=(const Link&) = delete;
        virtual ~Link() {
            if (outer) outer->ended();
        }
        Ref<ForwardingTransport> outer;
    };
    // The protocol that the transport below serves: a plain one or a buffered one, as the user's is.
    template <class Base>
    struct Below : Base, Link {
        void connection_made(Transport& made) override {
            const Ref<ForwardingTransport> keep = outer;
            keep->inner_ = Ref<Transport>(&made);
            user<StreamProtocol>().connection_made(*keep);
            keep->look();
        }
        bool eof_received() override {
            const Ref<ForwardingTransport> keep = outer;
            const bool keep_open = user<StreamProtocol>().eof_received();
            if (!keep_open) keep->set_closing();
            return keep_open;
        }
        void connection_lost(std::exception_ptr error) override { outer->lost(std::move(error)); }
        void pause_writing() override { user<StreamProtocol>().pause_writing(); }
        void resume_writing() override { user<StreamProtocol>().resume_writing(); }
        template <class P>
        P& user() const {
            return dynamic_cast<P&>(*outer->protocol_);
        }
    };
    struct Plain final : Below<Protocol> {
        void data_received(BytesView data) override {
            const Ref<ForwardingTransport> keep = outer;
            keep->counts_.bytes_in += data.size();
            user<Protocol>().data_received(data);
            keep->look();
        }
    };
    struct Buffered final : Below<BufferedProtocol> {
        std::span<char> get_buffer(std::size_t hint) override {
            return user<BufferedProtocol>().get_buffer(hint);
        }
        void buffer_updated(std::size_t count) override {
            const Ref<ForwardingTransport> keep = outer;
            keep->counts_.bytes_in += count;
            user<BufferedProtocol>().buffer_updated(count);
            keep->look();
        }
    };

    template <class Protocol>
    std::shared_ptr<BaseProtocol> link(std::shared_ptr<Protocol> made) {
        if (link_) link_->outer = nullptr;
        made->outer = Ref<ForwardingTransport>(this);
        link_ = made.get();
        return made;
    }
    void count(std::size_t size) {
        ++counts_.writes;
        counts_.bytes_out += size;
    }
    // The one below may have closed of its own accord.
    void look() noexcept {
        if (inner_->is_closing()) set_closing();
    }
    void lost(std::exception_ptr error) {
        set_closing();
        ++counts_.lost;
        const std::shared_ptr<BaseProtocol> protocol = protocol_;
        protocol->connection_lost(std::move(error));
    }
    void ended() {
        set_closing();
        link_ = nullptr;
        const auto protocol = std::move(protocol_);
        if (const Ref<TransportGroup> group = std::exchange(group_, nullptr); group && member_.linked())
            group->leave(member_);
    }

    Forwarded& counts_;
    Ref<Transport> inner_;
    std::shared_ptr<BaseProtocol> protocol_;
    Link* link_ = nullptr;
    Ref<TransportGroup> group_;
    TransportGroup::Member member_{*this};
};

/// Puts one before each transport that another factory makes.
class ForwardingFactory final : public TransportFactory {
public:
    explicit ForwardingFactory(Forwarded& counts) : counts_(counts) {}
    Ref<Transport> make_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                  SocketTransportOptions options) override {
        const Ref<ForwardingTransport> outer(new ForwardingTransport(counts_, options.get_group()));
        SocketTransportOptions below;
        below.peername(options.get_peername()).on_made(options.take_on_made());
        outer->begin(make_socket_transport(loop, std::move(socket), outer->below(std::move(protocol)),
                                           std::move(below)));
        return outer;
    }

private:
    Forwarded& counts_;
};

}  // namespace aio::tests
