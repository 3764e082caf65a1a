// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_group.hpp>
#include <aio/transport/transport_upgrade.hpp>

namespace aio {

SocketAddress BaseTransport::peername() const { return get_extra_info("peername", SocketAddress()); }
SocketAddress BaseTransport::sockname() const { return get_extra_info("sockname", SocketAddress()); }
int BaseTransport::fd() const { return get_extra_info("socket", TransportSocket()).fileno(); }

WriteBufferLimits detail::checked_limits(std::optional<std::size_t> high, std::optional<std::size_t> low) {
    if (!high) high = low ? 4 * *low : kDefaultLimits.high;
    if (!low) low = *high / 4;
    if (*high < *low) {
        throw ValueError("high (" + std::to_string(*high) + ") must be >= low (" + std::to_string(*low) +
                         ") must be >= 0");
    }
    return {*low, *high};
}

// What a protocol does not care about does nothing.
void BaseProtocol::connection_lost(std::exception_ptr) {}
void BaseProtocol::pause_writing() {}
void BaseProtocol::resume_writing() {}
void StreamProtocol::connection_made(Transport&) {}
bool StreamProtocol::eof_received() { return false; }
void Protocol::data_received(BytesView) {}
void DatagramProtocol::connection_made(DatagramTransport&) {}
void DatagramProtocol::datagram_received(BytesView, const SocketAddress&) {}
void DatagramProtocol::error_received(std::exception_ptr) {}

void WriteTransport::set_gather_writes(bool) {}
void WriteTransport::gather_this_step() {}

void WriteTransport::writelines(std::span<WritePiece> pieces) {
    detail::TrivialVector<BytesView> views;
    for (const WritePiece& piece : pieces) views.push_back(piece.view());
    write_pieces(views.begin(), views.size());
}

void WriteTransport::writelines(std::initializer_list<WritePiece> pieces) {
    write_pieces(const_cast<WritePiece*>(pieces.begin()), pieces.size());
}

void WriteTransport::write_pieces(const BytesView* pieces, std::size_t count) {
    writelines(std::span<const BytesView>(pieces, count));
}

void WriteTransport::write_pieces(WritePiece* pieces, std::size_t count) {
    writelines(std::span<WritePiece>(pieces, count));
}

std::vector<Ref<Transport>> TransportGroup::members() {
    std::vector<Ref<Transport>> all;
    members_.for_each([&all](Member& member) { all.emplace_back(&detail::topmost(*member.transport)); });
    return all;
}

}  // namespace aio
