// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/subprocess/create_subprocess.hpp>
#include <aio/subprocess/process_state_impl.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace aio {
namespace subprocess {
namespace {

// A descriptor that the child is to have does not block, because the child does not expect that; ours does
// not block either.
std::pair<Socket, Socket> make_pipe(const Options& options) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) raise_os_error(errno, "pipe2");
    std::pair<Socket, Socket> pipe{Socket(ends[0]), Socket(ends[1])};
    const int size = options.get_pipesize();
    if (size > 0 && ::fcntl(ends[0], F_SETPIPE_SZ, size) < 0) {
        raise_os_error(errno, "make a pipe of " + std::to_string(size) + " bytes");
    }
    return pipe;
}

void check_streams(const Options& options) {
    const char* const names[] = {"stdin", "stdout", "stderr"};
    for (std::size_t i = 0; i < 3; ++i) {
        const int stream = options.get_stream(i).value_or(0);
        if (stream >= 0 || stream == PIPE || stream == DEVNULL || (stream == STDOUT && i == 2)) continue;
        throw ValueError(stream == STDOUT ? "STDOUT can only be used for stderr"
                                          : std::string("no such stream for ") + names[i]);
    }
}

// Both sides; the child's blocks.
std::pair<Socket, Socket> make_terminal() {
    Socket master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    char name[64];
    if (!master || ::grantpt(master.fileno()) != 0 || ::unlockpt(master.fileno()) != 0 ||
        ::ptsname_r(master.fileno(), name, sizeof name) != 0) {
        raise_os_error(errno, "open a terminal");
    }
    Socket slave(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!slave) raise_os_error(errno, std::string("open ") + name);
    return {std::move(master), std::move(slave)};
}

void give_terminal(Pipes& pipes, const Options& options) {
    auto [master, slave] = make_terminal();
    for (std::size_t i = 0; i < 3; ++i) {
        if (!options.get_stream(i)) pipes.streams[i] = slave.fileno();
    }
    if (!options.get_stream(0)) {
        pipes.ours[0] = Socket(::fcntl(master.fileno(), F_DUPFD_CLOEXEC, 3));
        if (!pipes.ours[0]) raise_os_error(errno, "open a terminal");
    }
    const std::size_t reader = options.get_stream(1) ? 2 : 1;  // one is enough
    if (!options.get_stream(reader)) pipes.ours[reader] = std::move(master);
    pipes.terminal = std::move(slave);
}

}  // namespace

Pipes make_pipes(const Options& options) {
    check_streams(options);
    Pipes pipes;
    if (options.get_pty()) give_terminal(pipes, options);
    for (std::size_t i = 0; i < 3; ++i) {
        if (!options.get_stream(i)) continue;
        const int stream = *options.get_stream(i);
        if (stream == PIPE) {
            auto [reading, writing] = make_pipe(options);
            pipes.ours[i] = std::move(i == 0 ? writing : reading);
            pipes.childs[i] = std::move(i == 0 ? reading : writing);
            pipes.ours[i].set_nonblocking();
            pipes.streams[i] = pipes.childs[i].fileno();
        } else if (stream == DEVNULL) {
            pipes.childs[i] = Socket(::open("/dev/null", O_RDWR | O_CLOEXEC));
            if (!pipes.childs[i]) raise_os_error(errno, "open /dev/null");
            pipes.streams[i] = pipes.childs[i].fileno();
        } else if (stream == STDOUT) {
            pipes.streams[i] = pipes.streams[1] >= 0 ? pipes.streams[1] : STDOUT_FILENO;
        } else {
            pipes.streams[i] = stream;
        }
    }
    return pipes;
}

}  // namespace subprocess

Coro<subprocess::Process> detail::start_process(subprocess::Options options, std::vector<std::string> argv) {
    if (argv.empty()) throw ValueError("create_subprocess_exec() needs a program");
    ProcessRef process(new ProcessState(get_running_loop(), options, argv));
    co_return subprocess::Process(std::move(process));
}

Coro<subprocess::Process> create_subprocess_exec(subprocess::Options options,
                                                 std::span<const std::string> argv) {
    return detail::start_process(std::move(options), std::vector<std::string>(argv.begin(), argv.end()));
}

Coro<subprocess::Process> create_subprocess_exec(std::span<const std::string> argv) {
    return create_subprocess_exec(subprocess::Options(), argv);
}

Coro<subprocess::Process> create_subprocess_shell(std::string command, subprocess::Options options) {
    std::vector<std::string> argv{"/bin/sh", "-c", std::move(command)};
    return detail::start_process(std::move(options), std::move(argv));
}

}  // namespace aio
