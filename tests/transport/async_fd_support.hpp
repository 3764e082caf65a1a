// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/caught.hpp>
#include <support/fd.hpp>
#include <support/turns.hpp>

#include <aio/testing.hpp>
#include <aio/transport/async_fd.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <string>
#include <utility>

namespace aio::tests {

using namespace std::chrono_literals;

struct AsyncFdTest : ::testing::Test, aio::testing::LoopTest {
    SocketPair pair{kSmallBuffer};
    const int a = pair.a.fd;

    ssize_t read_one() const {
        char byte = 0;
        return ::read(a, &byte, 1);
    }
    // Everything until nothing more is there.
    std::string drain(const FdReady& ready, std::size_t piece = 100) const {
        std::string text;
        std::string chunk(piece, '\0');
        while (const auto count = ready.try_io([&] { return ::read(a, chunk.data(), chunk.size()); })) {
            if (*count <= 0) break;
            text.append(chunk, 0, static_cast<std::size_t>(*count));
        }
        return text;
    }
    template <class... Args>
    static Coro<std::string> readable(AsyncFd& fd, Args... args) {
        return caught(to_coro(fd.readable(args...)));
    }
    template <class Wait>
    static Coro<> to_coro(Wait wait) {
        co_await std::move(wait);
    }
};

}  // namespace aio::tests
