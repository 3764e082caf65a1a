// SPDX-License-Identifier: MIT
#pragma once

#include <net/socket_transport_support.hpp>
#include <support/forwarding_transport.hpp>
#ifdef AIO_TEST_TLS
#include <support/tls_upgrades.hpp>
#include <support/turns.hpp>
#endif
#include <support/xor_upgrade.hpp>

#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>
#include <aio/transport.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Every kind of connection there is, made of two transports on one loop, for what has to hold on each.
namespace aio::tests {

struct ConnectionKind {
    enum class Channel { unix_socket, tcp, memory };
    const char* name;
    Channel channel;
    /// Another transport stands before each, or it is upgraded.
    enum class Above { nothing, forwarding, upgrade } above = Above::nothing;
    aio::testing::MemoryPipeOptions carrier{};
    /// What upgrades the end of a server, or of a client; an XorUpgrade where there is none.
    std::shared_ptr<TransportUpgrade> (*context)(bool server_side) = nullptr;
};

/// All hold about 64 KiB on their way, or less.
inline std::vector<ConnectionKind> connection_kinds() {
    using Channel = ConnectionKind::Channel;
    using Above = ConnectionKind::Above;
    aio::testing::MemoryPipeOptions swift;
    swift.capacity(64 * 1024);
    aio::testing::MemoryPipeOptions late;
    late.latency(std::chrono::milliseconds(1)).chunk_size(5000).capacity(20'000);
    std::vector<ConnectionKind> kinds{{"Unix", Channel::unix_socket},
                                      {"Tcp", Channel::tcp},
                                      {"Forwarded", Channel::unix_socket, Above::forwarding},
                                      {"Memory", Channel::memory, Above::nothing, swift},
                                      {"LateMemory", Channel::memory, Above::nothing, late},
                                      {"Upgraded", Channel::unix_socket, Above::upgrade},
                                      {"UpgradedMemory", Channel::memory, Above::upgrade, swift},
                                      {"UpgradedLateMemory", Channel::memory, Above::upgrade, late}};
#ifdef AIO_TEST_TLS
    kinds.push_back({"Tls", Channel::unix_socket, Above::upgrade, {}, &tls});
    kinds.push_back({"TlsTcp", Channel::tcp, Above::upgrade, {}, &tls});
    kinds.push_back({"TlsMemory", Channel::memory, Above::upgrade, swift, &tls});
    kinds.push_back({"TlsLateMemory", Channel::memory, Above::upgrade, late, &tls});
    kinds.push_back({"TlsInTls", Channel::unix_socket, Above::upgrade, {}, &tls_in_tls});
#endif
    return kinds;
}

/// The two ends of a connection.
using TransportPair = std::pair<Ref<Transport>, Ref<Transport>>;

/// Tests of every kind of connection. Time is virtual, so that it passes for those that take some.
class EveryTransport : public ::testing::TestWithParam<ConnectionKind>, public aio::testing::LoopTest {
protected:
    using ProtocolPointer = std::shared_ptr<BaseProtocol>;

    /// A connection whose connection_made() were called.
    Coro<TransportPair> connect(ProtocolPointer first, ProtocolPointer second) {
        if (GetParam().above != ConnectionKind::Above::upgrade) {
            TransportPair ends = make(std::move(first), std::move(second));
            co_await sleep(0s);
            co_await sleep(0s);
            co_return ends;
        }
        const TransportPair below =
            make(aio::detail::protocol_to_upgrade(), aio::detail::protocol_to_upgrade());
        co_await sleep(0s);
        co_await sleep(0s);
        const Task<Ref<Transport>> client = create_task(upgraded(below.first, std::move(first), false));
        const Task<Ref<Transport>> server = create_task(upgraded(below.second, std::move(second), true));
        Ref<Transport> one = co_await client;
        Ref<Transport> other = co_await server;
        co_return TransportPair(std::move(one), std::move(other));
    }
    /// The same with streams; `limit` is that of the first reader.
    Coro<std::pair<StreamPair, StreamPair>> connect_streams(std::size_t limit = kDefaultStreamLimit) {
        StreamReader first(limit);
        StreamReader second;
        const auto ours = std::make_shared<StreamReaderProtocol>(first);
        const auto theirs = std::make_shared<StreamReaderProtocol>(second);
        const TransportPair ends = co_await connect(ours, theirs);
        StreamWriter to_second(*ends.first, ours, first);
        StreamWriter to_first(*ends.second, theirs, second);
        co_return std::pair<StreamPair, StreamPair>(StreamPair(std::move(first), std::move(to_second)),
                                                    StreamPair(std::move(second), std::move(to_first)));
    }
    /// The transports, before their first turn; an upgrade is still to come.
    TransportPair make(ProtocolPointer first, ProtocolPointer second) {
        using Channel = ConnectionKind::Channel;
        if (GetParam().channel == Channel::memory) {
            const aio::testing::MemoryPipe pipe(GetParam().carrier);
            Ref<Transport> one = pipe.make_transport(loop(), aio::testing::MemoryPipe::End::first, first);
            Ref<Transport> other = pipe.make_transport(loop(), aio::testing::MemoryPipe::End::second, second);
            return {std::move(one), std::move(other)};
        }
        std::pair<Socket, Socket> sockets =
            GetParam().channel == Channel::tcp ? tcp_pair(kSmallBuffer) : socket_pair(kSmallBuffer);
        Ref<Transport> one = over(std::move(sockets.first), std::move(first));
        Ref<Transport> other = over(std::move(sockets.second), std::move(second));
        return {std::move(one), std::move(other)};
    }
    Coro<Ref<Transport>> upgraded(Ref<Transport> below, ProtocolPointer protocol, bool server_side) {
        StartTlsOptions options;
        options.server_side(server_side).server_hostname("here").call_connection_made(true);
        std::shared_ptr<TransportUpgrade> context = context_;
        if (GetParam().context) context = GetParam().context(server_side);
        return start_tls(std::move(below), std::move(protocol), std::move(context), std::move(options));
    }
    /// The peer gets an end of file; TLS has no half-closed state.
    static void end_writing(Transport& transport) {
        if (transport.can_write_eof()) {
            transport.write_eof();
        } else {
            transport.close();
        }
    }

    /// Time passes, so that whatever can arrive has arrived.
    template <class F>
    static Coro<> until(F done) {
        while (!done()) co_await sleep(100us);
    }
    static Coro<> settle() {
        for (int i = 0; i < 50; ++i) co_await sleep(1ms);
    }
    void TearDown() override { finish(); }

private:
    Ref<Transport> over(Socket socket, ProtocolPointer protocol) {
        if (GetParam().above != ConnectionKind::Above::forwarding) {
            return make_socket_transport(loop(), std::move(socket), std::move(protocol));
        }
        return forwarding_.make_transport(loop(), std::move(socket), std::move(protocol),
                                          SocketTransportOptions());
    }

    Forwarded counts_;
    ForwardingFactory forwarding_{counts_};
    const std::shared_ptr<XorUpgrade> context_ = std::make_shared<XorUpgrade>();
};

inline std::string name_of_kind(const ::testing::TestParamInfo<ConnectionKind>& kind) {
    return kind.param.name;
}

}  // namespace aio::tests
