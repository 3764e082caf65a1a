// SPDX-License-Identifier: MIT
// Server of Redis commands on Boost.Asio's awaitables, a write for each: asio_pipeline PORT
#include "../resp.hpp"
#include "asio_server.hpp"

#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

resp::Store store;

asio::awaitable<void> serve(tcp::socket socket) {
    std::string data;
    error_code error;
    for (;;) {
        const std::size_t before = data.size();
        data.resize(before + 65536);
        const std::size_t count = co_await socket.async_read_some(
            asio::buffer(data.data() + before, 65536), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        data.resize(before + count);
        std::size_t done = 0;
        for (;;) {
            const resp::Command command = resp::first_command(std::string_view(data).substr(done));
            if (command.size == 0) break;
            co_await asio::async_write(socket, asio::buffer(store.execute(command)),
                                       asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
            done += command.size;
        }
        data.erase(0, done);
    }
}

}  // namespace

int main(int, char** argv) { peer::run_server(argv[1], serve); }
