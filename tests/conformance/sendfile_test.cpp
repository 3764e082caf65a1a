// SPDX-License-Identifier: MIT
// S147: files over transports.
#include "network.hpp"

#include <support/temporary_file.hpp>

#include <aio/transport/sendfile.hpp>

#include <string>

namespace aio::tests {
namespace {

TEST_F(Conformance, S147_sendfile) {
    run([&]() -> Coro<> {
        const TemporaryFile file("0123456789");
        std::string got;
        const auto serve = [&got](StreamReader r, StreamWriter w) -> Coro<> {
            got = co_await r.read();
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto [r, w] = co_await connect_to(s);
        w.write("head:");
        const auto options = SendfileOptions().offset(2).count(5);
        const auto sent = co_await w.sendfile(file.fd(), options);
        print(sent, file.position());
        w.close();
        co_await w.wait_closed();
        co_await until([&] { return !got.empty(); });
        s.close();
        print(b(got));
    });
    expect("5 7\nb'head:23456'\n");
}

}  // namespace
}  // namespace aio::tests
