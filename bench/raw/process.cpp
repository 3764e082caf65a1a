// SPDX-License-Identifier: MIT
// The limits of process_bench: posix_spawn() and waitpid(); a loop of poll(), read() and write() on two
// pipes.
#include "../measure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

extern char** environ;

namespace {

constexpr std::size_t kBlock = 64 * 1024;

void check(bool good) {
    if (!good) std::abort();
}

pid_t start(const char* program, const posix_spawn_file_actions_t* actions) {
    char* argv[] = {const_cast<char*>(program), nullptr};
    pid_t child = 0;
    check(posix_spawnp(&child, program, actions, nullptr, argv, environ) == 0);
    return child;
}

void spawn_true(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        int status = 0;
        const pid_t child = start("true", nullptr);
        check(waitpid(child, &status, 0) == child);
        measure::sink += static_cast<std::uint64_t>(status);
    }
}

void cat(std::uint64_t blocks) {
    int to[2];
    int from[2];
    check(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    const pid_t child = start("cat", &actions);
    close(to[0]);
    close(from[1]);
    fcntl(to[1], F_SETFL, O_NONBLOCK);
    fcntl(from[0], F_SETFL, O_NONBLOCK);
    const std::string block(kBlock, 'x');
    std::vector<char> buffer(256 * 1024);
    std::uint64_t left = blocks * kBlock;
    for (;;) {
        pollfd ready[2] = {{from[0], POLLIN, 0}, {left > 0 ? to[1] : -1, POLLOUT, 0}};
        check(poll(ready, 2, -1) > 0);
        if (ready[0].revents) {
            const ssize_t got = read(from[0], buffer.data(), buffer.size());
            if (got == 0) break;
            if (got > 0) measure::sink += static_cast<std::uint64_t>(got);
        }
        if (ready[1].revents) {
            const ssize_t sent = write(to[1], block.data(), std::min<std::uint64_t>(left, kBlock));
            if (sent > 0) left -= static_cast<std::uint64_t>(sent);
            if (left == 0) close(to[1]);
        }
    }
    check(waitpid(child, nullptr, 0) == child);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const measure::Request request(argc, argv);
    const bool spawns = request.bench == "spawn_true";
    const std::vector<char> resident(spawns ? std::size_t{1} << 30 : 1, 'x');
    const measure::Span span;
    if (spawns) {
        spawn_true(request.count);
    } else if (request.bench == "cat") {
        cat(request.count);
    } else {
        request.unknown();
    }
    span.report(request.bench, request.count);
    measure::sink += static_cast<std::uint64_t>(resident.back());
}
