// SPDX-License-Identifier: MIT
#pragma once

#include <support/source_dir.hpp>

#include <aio/loop/event_loop.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace aio::tests {

/// CPython itself as the judge of a conformance test. The test's twin is the Python program of the same
/// name, tests/conformance/python/<test name>.py; what python3 prints must be what the test printed. Twins
/// of rules that changed call prelude.since(), which on an older CPython prints a recorded newer outcome.
inline std::filesystem::path python_twins() { return source_dir() / "tests/conformance/python"; }

struct PythonOutput {
    std::string text;
    int status;  ///< the exit status; 127 if there is no such program
};

/// Runs a program and reads its standard output to the end; its errors go where the test's go.
inline PythonOutput run_python(const std::filesystem::path& program,
                               const std::string& interpreter = "python3") {
    const std::string command = interpreter + " -B '" + program.string() + "'";
    PythonOutput output{"", -1};
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) return output;
    char chunk[4096];
    while (const std::size_t n = std::fread(chunk, 1, sizeof chunk, pipe)) output.text.append(chunk, n);
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) output.status = WEXITSTATUS(status);
    return output;
}

/// Fails the running test unless python3 prints `printed`.
inline void expect_python_prints(const std::filesystem::path& program, const std::string& printed,
                                 const std::string& interpreter = "python3") {
    const PythonOutput python = run_python(program, interpreter);
    EXPECT_NE(python.status, 127) << interpreter << " is missing; ./dev setup installs it";
    EXPECT_EQ(python.status, 0) << interpreter << " failed on " << program;
    EXPECT_EQ(printed, python.text) << "aio (first) and CPython differ on " << program;
}

/// Compares what the running test printed with its twin, if it has one. Not in the runs with shuffled orders
/// or other socket buffers: python3 prints what it has printed in the plain one, and most of their time would
/// go into starting it.
inline void compare_with_python_twin(const std::string& printed) {
    if (aio::detail::shuffle_from_environment() != 0 || std::getenv("AIO_TEST_UNIX_BUFFER")) return;
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::filesystem::path program = python_twins() / (name + ".py");
    if (std::filesystem::exists(program)) expect_python_prints(program, printed);
}

}  // namespace aio::tests
