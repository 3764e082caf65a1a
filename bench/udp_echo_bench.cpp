// SPDX-License-Identifier: MIT
// Echo server for UDP on the DatagramProtocol API: udp_echo_bench PORT
#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>

#include <cstdlib>
#include <memory>

namespace {

class Echo final : public aio::DatagramProtocol {
public:
    void connection_made(aio::DatagramTransport& transport) override { transport_ = aio::Ref(&transport); }
    void datagram_received(aio::BytesView data, const aio::SocketAddress& sender) override {
        transport_->sendto(data, sender);
    }
    void pause_writing() override { transport_->pause_reading(); }
    void resume_writing() override { transport_->resume_reading(); }

private:
    aio::Ref<aio::DatagramTransport> transport_;
};

aio::Coro<> amain(int port) {
    auto endpoint = co_await aio::create_datagram_endpoint(
        std::make_shared<Echo>, aio::DatagramOptions().local_addr("127.0.0.1", port));
    co_await aio::get_running_loop().create_future<>();  // for ever
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return aio::run(amain(std::atoi(argv[1])));
}
