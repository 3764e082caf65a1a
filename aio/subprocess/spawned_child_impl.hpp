// SPDX-License-Identifier: MIT
#pragma once

#include <aio/subprocess/child_process_impl.hpp>
#include <aio/subprocess/options.hpp>

#include <array>
#include <string>
#include <vector>

namespace aio::subprocess {

/// What the child does, in this order, so that an error can tell of it.
enum class Step : int { streams, folder, session, group, user, exec };

struct Failure {
    int error = 0;  ///< 0: there is none
    Step step = Step::exec;
};

/// All that the child needs, made by the parent: the child itself must not allocate.
struct Plan {
    const Options& options;
    const std::string& program;
    std::array<int, 3> streams;
    std::vector<int> pass_fds;  ///< sorted, and all above 2
    std::string candidates;     ///< paths of the program, each with a NUL behind it
    std::vector<char*> argv;
    std::vector<char*> envp;
    int report;       ///< where a child that works on a copy tells of its failure; -1
    Failure failure;  ///< where any other does so
};

/// Starts the child of a plan, and returns when it has called exec(), or told of its failure and ended.
/// What it costs does not depend on this process's memory: until then the child works on it (vfork), with all
/// signals blocked, and only makes system calls. With user() or group() it gets a copy. Throws OSError: there
/// is no child then.
ChildProcess start_child(Plan& plan);

}  // namespace aio::subprocess
