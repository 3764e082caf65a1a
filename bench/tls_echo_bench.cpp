// SPDX-License-Identifier: MIT
// Echo server over TLS, on the Protocol API: tls_echo_bench CERTIFICATE PORT
#include <aio/base/heap.hpp>
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/ssl.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>

#include <cstdlib>
#include <memory>
#include <string>

namespace {

class Echo final : public aio::Protocol {
public:
    void connection_made(aio::Transport& transport) override { transport_ = aio::Ref(&transport); }
    void data_received(aio::BytesView data) override { transport_->write(data); }
    void pause_writing() override { transport_->pause_reading(); }
    void resume_writing() override { transport_->resume_reading(); }
    void connection_lost(std::exception_ptr) override { transport_ = nullptr; }

private:
    aio::Ref<aio::Transport> transport_;
};

aio::Coro<> amain(std::string certificate, int port) {
    auto context = aio::ssl::create_default_context(aio::ssl::Purpose::CLIENT_AUTH);
    context->load_cert_chain(certificate);
    const auto options = aio::ServerOptions().backlog(4096).ssl(context);
    auto server = co_await aio::create_server(std::make_shared<Echo>, "127.0.0.1", port, options);
    co_await server.serve_forever();
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return aio::run(amain(argv[1], std::atoi(argv[2])));
}
