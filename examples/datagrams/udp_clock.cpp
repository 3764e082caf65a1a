// SPDX-License-Identifier: MIT
// A clock that is asked over UDP. The server is a protocol, as in asyncio; the client, which waits for
// answers, is a DatagramSocket.
//
//     class Clock(asyncio.DatagramProtocol):
//         def connection_made(self, transport):
//             self.transport = transport
//         def datagram_received(self, data, addr):
//             if data == b"time?":
//                 self.transport.sendto(b"...", addr)
//
//     transport, clock = await loop.create_datagram_endpoint(Clock, local_addr=("127.0.0.1", 0))
#include <aio/aio.hpp>

#include <array>
#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>

using namespace std::chrono_literals;

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", std::localtime(&now));
    return text.data();
}

class Clock : public aio::DatagramProtocol {
public:
    void connection_made(aio::DatagramTransport& transport) override { transport_ = aio::Ref(&transport); }
    void datagram_received(aio::BytesView data, const aio::SocketAddress& sender) override {
        std::cout << "clock: \"" << data.text() << "\" from " << sender.host() << '\n';
        if (data.text() == "time?") transport_->sendto(time_of_day(), sender);  // anybody may send anything
    }

private:
    aio::Ref<aio::DatagramTransport> transport_;
};

aio::Coro<> ask(aio::DatagramSocket& socket, std::string question, aio::Duration patience) {
    co_await socket.send(question);
    try {
        const std::string time = co_await aio::wait_for(socket.recv(), patience);
        std::cout << "client: it is " << time << '\n';
    } catch (const aio::TimeoutError&) {  // packets may be lost, and this clock does not answer everybody
        std::cout << "client: no answer\n";
    } catch (const aio::ConnectionRefusedError&) {  // the system tells, as it is the same machine
        std::cout << "client: there is no clock\n";
    }
}

aio::Coro<> amain() {
    auto endpoint = co_await aio::create_datagram_endpoint(
        std::make_shared<Clock>,
        aio::DatagramOptions().local_addr("127.0.0.1", 0));  // port 0: any that is free
    auto& transport = endpoint.first;
    auto socket = co_await aio::open_datagram_socket("127.0.0.1", transport->sockname().port());

    co_await ask(socket, "time?", 10s);
    co_await ask(socket, "hello", 100ms);
    co_await ask(socket, "time?", 10s);

    transport->close();
    co_await aio::sleep(0s);  // it closes in the next iteration
    co_await ask(socket, "time?", 10s);

    socket.close();
    co_await socket.wait_closed();
}

int main() { return aio::run(amain()); }
