// SPDX-License-Identifier: MIT
#pragma once

#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

/// Protocols that strike, and what carries their bytes.
namespace aio::tests {

/// Strikes in one of its functions.
template <class Base>
struct Foreign : Base {
    Foreign(World& world, std::string where) : w(world), place(std::move(where)) {}
    ~Foreign() override { strike("destructor", 1); }
    void connection_made(Transport&) override { strike("connection_made", 1); }
    bool eof_received() override {
        strike("eof_received");  // again if an interrupt left it, as in asyncio
        return keep_open;
    }
    void connection_lost(std::exception_ptr) override {
        EXPECT_FALSE(lost) << w.name();
        lost = true;
        strike("connection_lost", 1);
    }
    void pause_writing() override {
        EXPECT_FALSE(std::exchange(paused, true)) << w.name();
        strike("pause_writing");
    }
    void resume_writing() override {
        EXPECT_TRUE(std::exchange(paused, false)) << w.name();
        strike("resume_writing");
    }
    void strike(const char* where, int at_most = 1000) {
        if (place == where) w.strike(where, at_most);
    }

    World& w;
    std::string place;
    bool keep_open = true;
    bool lost = false;
    bool paused = false;
};

struct Plain final : Foreign<Protocol> {
    using Foreign::Foreign;
    void data_received(BytesView) override {
        EXPECT_FALSE(lost) << w.name();
        strike("data_received");
    }
};

struct Buffered final : Foreign<BufferedProtocol> {
    using Foreign::Foreign;
    std::span<char> get_buffer(std::size_t) override {
        strike("get_buffer", most_chunks);
        return memory;
    }
    void buffer_updated(std::size_t) override {
        EXPECT_FALSE(lost) << w.name();
        strike("buffer_updated", most_chunks);
    }
    std::array<char, 8> memory{};
    int most_chunks = 1000;
};

/// A peer that reads nothing until it is told to.
struct Pausing final : Protocol {
    void connection_made(Transport& made) override { made.pause_reading(); }
};

/// A transport in memory that serves `near`, with its peer; `capacity` bytes may be on their way.
inline void connect_in_memory(World& w, std::shared_ptr<BaseProtocol> near, std::shared_ptr<BaseProtocol> far,
                              std::size_t capacity) {
    using End = testing::MemoryPipe::End;
    w.pipe.emplace(testing::MemoryPipeOptions().capacity(capacity).chunk_size(capacity));
    w.transport = w.pipe->make_transport(*w.loop, End::first, std::move(near));
    w.far = w.pipe->make_transport(*w.loop, End::second, std::move(far));
}

}  // namespace aio::tests
