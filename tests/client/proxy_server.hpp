// SPDX-License-Identifier: MIT
#pragma once

#include <client/client_support.hpp>

#include <string>
#include <utility>

namespace aio::tests {

/// An HTTP proxy that knows CONNECT, and hands whatever else it is asked for to the server it was made for.
class ProxyServer {
public:
    explicit ProxyServer(const CountingServer& server) : server_(server) {}
    Coro<> start(ServerOptions options = ServerOptions()) {
        listener_ = co_await start_server(
            [this](aio::StreamReader r, StreamWriter w) { return serve(std::move(r), std::move(w)); },
            "127.0.0.1", 0, std::move(options));
    }
    Coro<> stop() {
        listener_.close();
        for (const StreamWriter& writer : writers_) writer.transport().abort();
        co_await listener_.wait_closed();
    }
    std::string url(const std::string& scheme = "http", const std::string& host = "127.0.0.1") const {
        return scheme + "://" + host + ':' + std::to_string(port_of(listener_));
    }

    std::vector<std::string> heads;  ///< what it was asked
    std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";

private:
    Coro<> serve(aio::StreamReader reader, StreamWriter writer) {
        writers_.push_back(writer);
        try {
            const std::string head = co_await reader.readuntil("\r\n\r\n");
            heads.push_back(head);
            auto there = co_await open_connection("127.0.0.1", server_.port());
            auto& [from, into] = there;
            writers_.push_back(into);
            const bool tunnel = head.starts_with("CONNECT ");
            if (tunnel) {
                writer.write(answer);
            } else {
                into.write(head);
            }
            if (!tunnel || answer.find(" 200 ") != std::string::npos) {
                auto back = create_task(pass(from, writer));
                co_await pass(reader, into);
                co_await std::move(back);
            }
        } catch (const EOFError&) {
        } catch (const OSError&) {
        }
        writer.close();
    }
    static Coro<> pass(aio::StreamReader from, StreamWriter into) {
        try {
            while (auto chunk = co_await from.next_chunk()) {
                into.write(*chunk);
                co_await into.drain();
            }
        } catch (const OSError&) {
        }
        into.close();
    }
    const CountingServer& server_;
    Server listener_;
    std::vector<StreamWriter> writers_;
};

}  // namespace aio::tests
