// SPDX-License-Identifier: MIT
// The ends that socat talks to in socat_test.py: servers that answer in capitals, and channels that are
// joined to standard input and output.
#include <aio/aio.hpp>

#include <fcntl.h>
#include <cctype>
#include <cerrno>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

std::string capitals(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

// As socat and others write the names of abstract sockets.
std::string path_of(std::string name) {
    if (name.starts_with('@')) name[0] = '\0';
    return name;
}

void announce(const std::string& where) { std::cout << "listening on " << where << std::endl; }

// --- servers, until SIGTERM -----------------------------------------------------------------------

aio::Coro<> answer(aio::StreamReader reader, aio::StreamWriter writer) {
    while (auto line = co_await reader.next_line()) {
        writer.write(capitals(std::move(*line)));
        co_await writer.drain();
    }
    writer.close();
}

aio::Coro<> serve_unix(std::string name) {
    auto server = co_await aio::start_unix_server(answer, path_of(name));
    announce(name);
    co_await server.serve_forever();
}

aio::Coro<> serve_packets(aio::DatagramSocket socket) {
    while (auto packet = co_await socket.next()) {
        if (!packet->second.empty()) co_await socket.sendto(capitals(packet->first), packet->second);
    }
}

aio::Coro<> serve_udp(std::string host) {
    auto socket = co_await aio::open_datagram_socket(aio::DatagramOptions().local_addr(std::move(host), 0));
    announce(std::to_string(socket.sockname().port()));
    co_await serve_packets(std::move(socket));
}

aio::Coro<> serve_unixgram(std::string name) {
    auto socket = co_await aio::open_datagram_socket(aio::DatagramOptions().local_addr(path_of(name)));
    announce(name);
    co_await serve_packets(std::move(socket));
}

// --- joined to standard input and output ----------------------------------------------------------

aio::Coro<> copy(aio::StreamReader from, aio::StreamWriter to, bool ends) {
    while (true) {
        const std::string piece = co_await from.read(65536);
        if (piece.empty()) break;
        to.write(piece);
        co_await to.drain();
    }
    if (ends && to.can_write_eof()) to.write_eof();
}

aio::Coro<> join(aio::StreamReader reader, aio::StreamWriter writer) {
    auto streams = co_await aio::open_standard_streams();
    auto& [input, output] = streams;
    co_await aio::gather(copy(input, writer, true), copy(reader, output, false));
    writer.close();
    output.close();
    co_await output.wait_closed();
}

aio::Coro<> connect_unix(std::string name) {
    auto connection = co_await aio::open_unix_connection(path_of(name));
    co_await join(connection.first, connection.second);
}

// Asks with each line, and prints what is answered.
aio::Coro<> ask(aio::DatagramSocket socket) {
    auto streams = co_await aio::open_standard_streams();
    auto& [input, output] = streams;
    while (auto line = co_await input.next_line()) {
        co_await socket.send(*line);
        output.write(co_await socket.recv());
        co_await output.drain();
    }
    output.close();
    co_await output.wait_closed();
}

aio::Coro<> ask_udp(std::string port) {
    co_await ask(co_await aio::open_datagram_socket("127.0.0.1", std::stoi(port)));
}

// Has a name too, to be answered at.
aio::Coro<> ask_unixgram(std::string name) {
    aio::DatagramOptions options;
    options.local_addr(path_of(name + ".asking")).remote_addr(path_of(name));
    co_await ask(co_await aio::open_datagram_socket(options));
}

int opened(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) aio::raise_os_error(errno, "open " + path);
    return fd;
}

aio::Coro<aio::StreamReader> reading(int fd) {
    aio::StreamReader reader;
    co_await aio::connect_read_pipe([&] { return std::make_shared<aio::StreamReaderProtocol>(reader); }, fd);
    co_return reader;
}

aio::Coro<aio::StreamWriter> writing(int fd) {
    const aio::StreamReader nothing;
    auto pipe = co_await aio::connect_write_pipe(
        [&] { return std::make_shared<aio::StreamReaderProtocol>(nothing); }, fd);
    co_return aio::StreamWriter(*pipe.first, std::move(pipe.second));
}

aio::Coro<> read_pipe(std::string path) {
    auto reader = co_await reading(opened(path, O_RDONLY));
    auto streams = co_await aio::open_standard_streams();
    auto& [input, output] = streams;
    co_await copy(reader, output, false);
    output.close();
    co_await output.wait_closed();
}

aio::Coro<> write_pipe(std::string path) {
    auto writer = co_await writing(opened(path, O_WRONLY));
    auto streams = co_await aio::open_standard_streams();
    auto& [input, output] = streams;
    co_await copy(input, writer, false);
    writer.close();
    co_await writer.wait_closed();
}

// Answers what is typed there, until the other side hangs up.
aio::Coro<> serve_terminal(std::string path) {
    auto reader = co_await reading(opened(path, O_RDONLY));
    auto writer = co_await writing(opened(path, O_WRONLY));
    announce(path);
    co_await answer(reader, writer);
}

}  // namespace

int main(int argc, char** argv) {
    const std::map<std::string_view, aio::Coro<> (*)(std::string)> kinds{
        {"ask-udp", ask_udp},     {"ask-unixgram", ask_unixgram},     {"serve-unix", serve_unix},
        {"serve-udp", serve_udp}, {"serve-unixgram", serve_unixgram}, {"connect-unix", connect_unix},
        {"read-pipe", read_pipe}, {"write-pipe", write_pipe},         {"serve-terminal", serve_terminal}};
    const auto kind = argc == 3 ? kinds.find(argv[1]) : kinds.end();
    if (kind == kinds.end()) {
        std::cerr << "usage: socat_peer KIND WHERE\n";
        return 2;
    }
    return aio::run(kind->second(argv[2]));
}
