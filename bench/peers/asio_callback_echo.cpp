// SPDX-License-Identifier: MIT
// Echo server on Boost.Asio's callbacks: asio_callback_echo {PORT|@NAME}, a Unix socket with an abstract name
#include <boost/asio.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

template <class Socket>
class Session : public std::enable_shared_from_this<Session<Socket>> {
public:
    explicit Session(Socket socket) : socket_(std::move(socket)) {}
    void read() {
        socket_.async_read_some(asio::buffer(buffer_),
                                [self = this->shared_from_this()](error_code error, std::size_t count) {
                                    if (!error) self->write(count);
                                });
    }

private:
    void write(std::size_t count) {
        asio::async_write(socket_, asio::buffer(buffer_.data(), count),
                          [self = this->shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read();
                          });
    }
    Socket socket_;
    std::array<char, 65536> buffer_;
};

template <class Acceptor>
void accept(Acceptor& acceptor) {
    acceptor.async_accept([&acceptor](error_code error, auto socket) {
        if (!error) std::make_shared<Session<decltype(socket)>>(std::move(socket))->read();
        accept(acceptor);
    });
}

template <class Protocol>
void serve(const typename Protocol::endpoint& where) {
    asio::io_context io(1);
    typename Protocol::acceptor acceptor(io, where);
    acceptor.listen(4096);
    accept(acceptor);
    io.run();
}

}  // namespace

int main(int, char** argv) {
    std::string where = argv[1];
    if (where.starts_with('@')) {
        where[0] = '\0';
        serve<asio::local::stream_protocol>(where);
    } else {
        serve<asio::ip::tcp>(
            {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(std::stoi(where))});
    }
}
