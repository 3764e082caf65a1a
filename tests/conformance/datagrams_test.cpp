// SPDX-License-Identifier: MIT
// S133: datagrams.
#include "network.hpp"

#include <aio/net/datagram_transport.hpp>

#include <string>

namespace aio::tests {
namespace {

struct PrintingDatagrams : DatagramProtocol {
    explicit PrintingDatagrams(Trace& trace) : print(trace) {}
    void datagram_received(BytesView data, const SocketAddress&) override { print("got", b(data)); }
    void error_received(std::exception_ptr error) override { print("error", error_name(error)); }
    void connection_lost(std::exception_ptr error) override { print("lost", repr(error)); }
    Trace& print;
};

TEST_F(Conformance, S133_datagrams_keep_boundaries_and_report_errors_separately) {
    run([&]() -> Coro<> {
        const auto lines = [&](std::size_t count) {
            return until([&, count] { return print.lines().size() >= count; });
        };
        const auto factory = [&] { return std::make_shared<PrintingDatagrams>(print); };
        auto server =
            co_await create_datagram_endpoint(factory, DatagramOptions().local_addr("127.0.0.1", 0));
        const SocketAddress address = server.first->sockname();
        auto client = co_await create_datagram_endpoint(factory, DatagramOptions().remote_addr(address));
        const Ref<DatagramTransport>& c = client.first;
        c->sendto("one");
        c->sendto("two");
        co_await lines(2);
        try {
            c->sendto("x", SocketAddress("127.0.0.1", 9));
        } catch (const ValueError&) {
            print("ValueError");
        }
        server.first->close();
        co_await lines(4);
        c->sendto("three");
        co_await lines(5);
        c->sendto("four");
        co_await lines(6);
        c->close();
        co_await lines(7);
    });
    expect(
        "got b'one'\n"
        "got b'two'\n"
        "ValueError\n"
        "lost None\n"
        "error ConnectionRefusedError\n"
        "error ConnectionRefusedError\n"
        "lost None\n");
}

}  // namespace
}  // namespace aio::tests
