// SPDX-License-Identifier: MIT
// UDP echo server on Boost.Asio's callbacks: asio_udp PORT
#include <boost/asio.hpp>

#include <array>
#include <string>

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

class Echo {
public:
    Echo(asio::io_context& io, const char* port)
        : socket_(io, {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(std::stoi(port))}) {
        receive();
    }

private:
    void receive() {
        socket_.async_receive_from(
            asio::buffer(buffer_), sender_, [this](boost::system::error_code error, std::size_t count) {
                if (!error) {
                    boost::system::error_code ignored;
                    socket_.send_to(asio::buffer(buffer_.data(), count), sender_, 0, ignored);
                }
                receive();
            });
    }

    udp::socket socket_;
    udp::endpoint sender_;
    std::array<char, 65536> buffer_;
};

}  // namespace

int main(int, char** argv) {
    asio::io_context io(1);
    const Echo echo(io, argv[1]);
    io.run();
}
