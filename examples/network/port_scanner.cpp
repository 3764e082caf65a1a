// SPDX-License-Identifier: MIT
// Which ports of a host answer: many at a time, but not all, and with a progress bar.
//
//     port_scanner HOST FIRST LAST
//
// Without arguments it scans twenty ports of its own, of which three answer.
//
//     async def probe(host, port):
//         async with limit:
//             try:
//                 reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1)
//             except OSError:
//                 return None
//             writer.close()
//             return port
//
//     for probe in asyncio.as_completed(probe(host, port) for port in ports):
//         ...
#include <aio/aio.hpp>

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

class Scanner {
public:
    explicit Scanner(std::string host) : host_(std::move(host)) {}

    aio::Coro<std::vector<int>> scan(const std::vector<int>& ports) {
        std::vector<aio::Coro<bool>> probes;
        for (const int port : ports) probes.push_back(probe(port));
        total_ = ports.size();
        const auto answers = co_await aio::gather(std::move(probes));
        std::cerr << '\n';
        std::vector<int> open;
        for (std::size_t i = 0; i < ports.size(); ++i) {
            if (answers[i]) open.push_back(ports[i]);
        }
        co_return open;
    }

private:
    aio::Coro<bool> probe(int port) {
        co_await limit_.acquire();
        const bool answers = co_await connects(port);
        limit_.release();
        ++done_;
        show_progress();
        co_return answers;
    }
    aio::Coro<bool> connects(int port) {
        try {
            const auto options = aio::ConnectOptions().connect_timeout(1s);
            auto connection = co_await aio::open_connection(host_, port, options);
            connection.second.close();
            co_return true;
        } catch (const aio::OSError&) {  // refused, or nothing comes
            co_return false;
        }
    }
    void show_progress() const {
        constexpr std::size_t kWidth = 40;
        const std::size_t filled = kWidth * done_ / total_;
        std::cerr << "\r[" << std::string(filled, '#') << std::string(kWidth - filled, ' ') << "] " << done_
                  << '/' << total_ << std::flush;
    }

    std::string host_;
    aio::Semaphore limit_{100};
    std::size_t done_ = 0;
    std::size_t total_ = 0;
};

// Twenty ports that nobody else has; three of them listen.
std::vector<aio::Socket> own_ports() {
    std::vector<aio::Socket> sockets;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(aio::Socket::stream(AF_INET));
        sockets.back().bind(aio::SocketAddress("127.0.0.1", 0));
        if (i % 8 == 0) sockets.back().listen(10);
    }
    return sockets;
}

aio::Coro<> scan_own_ports() {
    const std::vector<aio::Socket> sockets = own_ports();
    std::vector<int> ports;
    for (const aio::Socket& socket : sockets) ports.push_back(socket.getsockname().port());
    Scanner scanner("127.0.0.1");
    const std::vector<int> open = co_await scanner.scan(ports);
    std::cout << ports.size() << " ports, " << open.size() << " answer\n";
    for (const int port : open) std::cout << "port " << port << '\n';
}

aio::Coro<> scan_host(std::string host, int first, int last) {
    std::vector<int> ports;
    for (int port = first; port <= last; ++port) ports.push_back(port);
    Scanner scanner(std::move(host));
    const std::vector<int> open = co_await scanner.scan(ports);
    for (const int port : open) std::cout << "port " << port << '\n';
}

int main(int argc, char** argv) {
    if (argc == 4) return aio::run(scan_host(argv[1], std::atoi(argv[2]), std::atoi(argv[3])));
    return aio::run(scan_own_ports());
}
