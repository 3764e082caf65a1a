// SPDX-License-Identifier: MIT
#pragma once

#include <aio/subprocess/child_process_impl.hpp>
#include <aio/subprocess/options.hpp>

#include <array>
#include <string>
#include <vector>

namespace aio::subprocess {

/// Throws OSError if a descriptor that the options give to the child is not open. Called before anything is
/// opened for the child, which could get its number.
void check_descriptors(const Options& options, const std::vector<std::string>& argv);

/// Starts `argv` with `streams` as the child's descriptors 0 to 2 (-1: those of this process).
///
/// Throws OSError: what exec() said of the program, chdir() of the folder, and so on, each with its name;
/// then there is no child. Throws ValueError for a zero byte in an argument, or '=' in the name of a
/// variable.
ChildProcess spawn(const Options& options, const std::vector<std::string>& argv, std::array<int, 3> streams);

}  // namespace aio::subprocess
