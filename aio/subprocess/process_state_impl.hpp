// SPDX-License-Identifier: MIT
#pragma once

#include <aio/subprocess/child_impl.hpp>
#include <aio/subprocess/process.hpp>
#include <aio/transport/transport.hpp>

#include <array>
#include <string>
#include <utility>

namespace aio::subprocess {

/// This process's ends of a child's pipes, and the child's own, which are closed once it has started.
struct Pipes {
    std::array<Socket, 3> ours;
    std::array<Socket, 3> childs;
    Socket terminal;                         ///< the child's side, if it has one
    std::array<int, 3> streams{-1, -1, -1};  ///< for spawn()
};
/// Makes what the options ask for. Throws ValueError for streams that make no sense, OSError.
Pipes make_pipes(const Options& options);

}  // namespace aio::subprocess

namespace aio::detail {

/// What the handles of a Process share.
struct ProcessState final : subprocess::ExitListener {
    ProcessState(EventLoop& loop, const subprocess::Options& options, const std::vector<std::string>& argv);
    ProcessState(const ProcessState&) = delete;
    ProcessState& operator=(const ProcessState&) = delete;
    ~ProcessState();
    void connect(EventLoop& loop, subprocess::Pipes& pipes, std::size_t limit);
    void exited() override;
    void close_pipes() const;

    Ref<subprocess::Child> child;
    StreamWriter input;
    std::array<StreamReader, 2> outputs;
    std::array<Ref<Transport>, 2> sources;  ///< of the outputs
    std::array<std::string, 2> collected;   ///< by communicate(), kept if that is cancelled
    List<WaitProcess> waiters;
    unsigned refs = 0;
};

}  // namespace aio::detail
