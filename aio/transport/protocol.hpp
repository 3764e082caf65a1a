// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>

#include <cstddef>
#include <exception>
#include <span>

/// Protocols: what a transport calls. Mirrors asyncio's protocol classes.
///
/// The order is always: connection_made() once, then any number of data_received() (or get_buffer()
/// and buffer_updated()), eof_received() at most once, connection_lost() exactly once and last (S126).
/// All come from the loop, in the context in which the transport was made; only pause_writing() and
/// error_received() may come from inside the protocol's own write() or sendto(). When the loop is closed
/// under an open connection, no further call comes at all.
///
/// A transport holds its protocol by shared_ptr until connection_lost() has returned, so a protocol may
/// drop its own handles at any time, also in the middle of a call.
///
/// An exception that leaves one of these functions is reported to the loop's exception handler and ends
/// that connection only (S131). An ExitException passes through and ends the loop.
namespace aio {

class Transport;
class DatagramTransport;
class SocketAddress;

/// What all protocols have in common.
class BaseProtocol {
public:
    BaseProtocol() = default;
    BaseProtocol(const BaseProtocol&) = delete;
    BaseProtocol& operator=(const BaseProtocol&) = delete;
    virtual ~BaseProtocol() = default;

    /// The last call. `error` is null after a clean end: close(), abort(), or the peer's end of file.
    virtual void connection_lost(std::exception_ptr error);

    /// The write buffer rose above the high mark: stop writing. Alternates strictly with
    /// resume_writing().
    virtual void pause_writing();
    /// The write buffer fell to the low mark.
    virtual void resume_writing();
};

/// What Protocol and BufferedProtocol have in common; derive from one of those.
class StreamProtocol : public BaseProtocol {
public:
    /// The first call. To keep the transport, store `Ref<Transport>(&transport)`.
    virtual void connection_made(Transport& transport);

    /// The peer will send nothing more. False closes the transport; true keeps it open for writing
    /// (S129).
    virtual bool eof_received();

private:
    friend class Protocol;
    friend class BufferedProtocol;
    StreamProtocol() = default;
};

/// A byte stream's protocol that is handed what arrives. Mirrors asyncio.Protocol.
class Protocol : public StreamProtocol {
public:
    /// Bytes arrived; at most 256 KiB. `data` is valid only during the call.
    virtual void data_received(BytesView data);
};

/// A byte stream's protocol that provides the memory: nothing is copied. Mirrors
/// asyncio.BufferedProtocol.
class BufferedProtocol : public StreamProtocol {
public:
    /// Storage for the next read, which must not be empty and must stay valid until the next call of
    /// any of these functions. `size_hint` is the recommended size; 0 means that any will do.
    virtual std::span<char> get_buffer(std::size_t size_hint) = 0;

    /// `count` bytes (at least 1) were put at the beginning of that storage. A read that found nothing
    /// after all is not followed by this call.
    virtual void buffer_updated(std::size_t count) = 0;
};

/// A datagram endpoint's protocol. Mirrors asyncio.DatagramProtocol. Unlike those of streams, a call that
/// throws leaves the endpoint open, as in asyncio: one packet that is not understood is no reason to go deaf.
class DatagramProtocol : public BaseProtocol {
public:
    /// The first call. To keep the transport, store `Ref<DatagramTransport>(&transport)`.
    virtual void connection_made(DatagramTransport& transport);
    /// One packet, which may be empty. `data` is valid only during the call. Several that have arrived may
    /// come one after the other, at most 32 before others have their turn (those that the kernel has joined,
    /// up to 64 KiB, count as one).
    virtual void datagram_received(BytesView data, const SocketAddress& sender);
    /// A send or receive failed; the endpoint stays open. What is sent from here goes out in the next
    /// iteration.
    virtual void error_received(std::exception_ptr error);
};

}  // namespace aio
