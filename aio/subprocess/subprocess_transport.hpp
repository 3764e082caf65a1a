// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/subprocess/create_subprocess.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio {

/// A child process, for its protocol. Mirrors asyncio.SubprocessTransport. Threads: the loop's.
class SubprocessTransport : public virtual BaseTransport {
public:
    virtual int get_pid() const = 0;
    /// See Process::returncode().
    virtual std::optional<int> get_returncode() const = 0;
    /// The transport of the child's descriptor 0, 1 or 2; null where that is no PIPE.
    virtual Ref<Transport> get_pipe_transport(int fd) const = 0;
    /// See Process::send_signal().
    virtual void send_signal(int number) = 0;
    void terminate();
    void kill();
    // close() closes the pipes and kills a child that is running; connection_lost() comes when it is gone.
};

/// What a SubprocessTransport calls. Mirrors asyncio.SubprocessProtocol.
///
/// The order is connection_made() once; pipe_data_received() and, once for each pipe,
/// pipe_connection_lost(); process_exited() once, which may come before the last data; connection_lost()
/// last, when the process has ended and all pipes are lost (S145). pause_writing() and resume_writing() are
/// those of the child's standard input.
class SubprocessProtocol : public BaseProtocol {
public:
    virtual void connection_made(SubprocessTransport& transport);
    /// The child wrote to its descriptor `fd`. `data` is valid only during the call.
    virtual void pipe_data_received(int fd, BytesView data);
    virtual void pipe_connection_lost(int fd, std::exception_ptr error);
    virtual void process_exited();
};

namespace detail {

template <class F>
concept SubprocessProtocolFactory = std::invocable<F&> && requires(F& factory) {
    { detail::invoke(factory) } -> std::convertible_to<std::shared_ptr<SubprocessProtocol>>;
};

Coro<Ref<SubprocessTransport>> attach_subprocess(std::shared_ptr<SubprocessProtocol> protocol,
                                                 subprocess::Options options, std::vector<std::string> argv);

template <class F, class Pointer = std::invoke_result_t<F&>>
Coro<std::pair<Ref<SubprocessTransport>, Pointer>> start_subprocess(F factory, subprocess::Options options,
                                                                    std::vector<std::string> argv) {
    Pointer protocol = detail::invoke(factory);
    Ref<SubprocessTransport> transport =
        co_await attach_subprocess(protocol, std::move(options), std::move(argv));
    co_return std::pair<Ref<SubprocessTransport>, Pointer>(std::move(transport), std::move(protocol));
}

}  // namespace detail

/// Starts a program for a protocol that `factory` makes; gives (transport, protocol), after connection_made()
/// was called. Streams that the options do not speak of are PIPEs here. Mirrors loop.subprocess_exec();
/// errors are those of create_subprocess_exec(). Cancellation: immediate; the child is killed.
template <detail::SubprocessProtocolFactory F, detail::ProgramArgument... Args>
auto subprocess_exec(F factory, subprocess::Options options, std::string program, Args&&... args) {
    std::vector<std::string> argv;
    argv.push_back(std::move(program));
    (argv.push_back(std::string(std::forward<Args>(args))), ...);
    return detail::start_subprocess<F>(std::move(factory), std::move(options), std::move(argv));
}
template <detail::SubprocessProtocolFactory F, detail::ProgramArgument... Args>
auto subprocess_exec(F factory, std::string program, Args&&... args) {
    return subprocess_exec(std::move(factory), subprocess::Options(), std::move(program),
                           std::forward<Args>(args)...);
}

/// The same for a command of /bin/sh. Mirrors loop.subprocess_shell().
template <detail::SubprocessProtocolFactory F>
auto subprocess_shell(F factory, std::string command, subprocess::Options options = subprocess::Options()) {
    std::vector<std::string> argv{"/bin/sh", "-c", std::move(command)};
    return detail::start_subprocess<F>(std::move(factory), std::move(options), std::move(argv));
}

}  // namespace aio
