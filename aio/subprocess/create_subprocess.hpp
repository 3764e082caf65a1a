// SPDX-License-Identifier: MIT
#pragma once

#include <aio/subprocess/options.hpp>
#include <aio/subprocess/process.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aio {

namespace detail {
/// What an argument of a program is made of.
template <class T>
concept ProgramArgument = std::convertible_to<T, std::string>;
Coro<subprocess::Process> start_process(subprocess::Options options, std::vector<std::string> argv);
}  // namespace detail

/// Starts `program` with `args`, and gives the Process. Mirrors asyncio.create_subprocess_exec().
///
///     auto grep = co_await create_subprocess_exec(Options().stdout(subprocess::PIPE), "grep", "-c", word);
///
/// A program without a slash is looked for in PATH. It does not wait, so there is nothing to cancel; what it
/// costs does not depend on this process's memory. In the child signals are as a shell has them: none is
/// blocked, no handler is left, SIGPIPE has its default action.
///
/// Throws FileNotFoundError, PermissionError and other OSErrors of the program or the folder, which they
/// name; ValueError for options that make no sense, for a zero byte and for an empty list. Nothing is left
/// then, and descriptors that were passed stay open.
/// Threads: any that runs a loop.
template <detail::ProgramArgument... Args>
Coro<subprocess::Process> create_subprocess_exec(subprocess::Options options, std::string program,
                                                 Args&&... args) {
    std::vector<std::string> argv;
    argv.reserve(sizeof...(args) + 1);
    argv.push_back(std::move(program));
    (argv.push_back(std::string(std::forward<Args>(args))), ...);
    return detail::start_process(std::move(options), std::move(argv));
}
template <detail::ProgramArgument... Args>
Coro<subprocess::Process> create_subprocess_exec(std::string program, Args&&... args) {
    return create_subprocess_exec(subprocess::Options(), std::move(program), std::forward<Args>(args)...);
}
/// The same for a list, which begins with the program.
Coro<subprocess::Process> create_subprocess_exec(subprocess::Options options,
                                                 std::span<const std::string> argv);
Coro<subprocess::Process> create_subprocess_exec(std::span<const std::string> argv);

/// Starts /bin/sh with `command`. Quoting what comes from elsewhere is the caller's: whoever can choose a
/// part of the command can run any. Mirrors asyncio.create_subprocess_shell().
Coro<subprocess::Process> create_subprocess_shell(std::string command,
                                                  subprocess::Options options = subprocess::Options());

}  // namespace aio
