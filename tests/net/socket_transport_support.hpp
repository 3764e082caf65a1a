// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/trace.hpp>

#include <aio/net/socket_transport.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace aio::tests {

using namespace std::chrono_literals;

/// Prints every call; what it does besides is set by the test.
struct Recorder : Protocol {
    explicit Recorder(Trace& trace) : print(trace) {}
    void connection_made(Transport& made) override {
        print("made");
        transport = Ref<Transport>(&made);
        if (on_made) on_made(made);
    }
    void data_received(BytesView data) override {
        received += data.text();
        if (on_data) on_data(data);
    }
    bool eof_received() override {
        print("eof");
        if (on_eof) on_eof();
        return keep_open;
    }
    void connection_lost(std::exception_ptr error) override {
        print("lost", error_name(error));
        lost = true;
        if (on_lost) on_lost();
    }
    void pause_writing() override {
        print("pause");
        if (on_pause) on_pause();
    }
    void resume_writing() override {
        print("resume");
        if (on_resume) on_resume();
    }

    Trace& print;
    Ref<Transport> transport;
    std::string received;
    bool keep_open = false;
    bool lost = false;
    std::function<void(Transport&)> on_made;
    std::function<void(BytesView)> on_data;
    std::function<void()> on_eof;
    std::function<void()> on_lost;
    std::function<void()> on_pause;
    std::function<void()> on_resume;
};

/// What the tests of socket transports have in common.
class SocketTransportTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    Trace print;
    std::shared_ptr<Recorder> protocol = std::make_shared<Recorder>(print);
    Socket peer;

    // A transport on one end of a socket pair; `peer` is the other. `buffer`: as in set_buffers().
    Ref<Transport> connect(int buffer = 0) {
        auto [ours, theirs] = socket_pair(buffer);
        peer = std::move(theirs);
        return make_socket_transport(loop(), std::move(ours), protocol);
    }
    Coro<> until_lost() {
        return until([this] { return protocol->lost; });
    }
    static Coro<> turns(int count) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }
    void TearDown() override { finish(); }
};

/// Takes 8 bytes at a time.
struct SmallBuffer final : BufferedProtocol {
    std::span<char> get_buffer(std::size_t) override { return memory; }
    void buffer_updated(std::size_t count) override {
        received.append(memory.data(), count);
        ++calls;
        if (on_data) on_data();
    }
    void connection_lost(std::exception_ptr) override { lost = true; }
    std::array<char, 8> memory{};
    std::string received;
    int calls = 0;
    bool lost = false;
    std::function<void()> on_data;
};

}  // namespace aio::tests
