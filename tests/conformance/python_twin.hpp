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
/// name, in the folder of tests/conformance/python that is named after the test's file; what python3 prints
/// must be what the test printed. Twins of rules that changed call prelude.since(), which on an older CPython
/// prints a recorded newer outcome. By hand: PYTHONPATH=tests/conformance/python python3 -B <program>.
inline std::filesystem::path python_twins() { return source_dir() / "tests/conformance/python"; }

/// Where a test's twin is, if it has one.
inline std::filesystem::path python_twin(const ::testing::TestInfo& test) {
    std::string folder = std::filesystem::path(test.file()).stem().string();  // loop_test
    folder.resize(folder.rfind('_'));
    return python_twins() / folder / (std::string(test.name()) + ".py");
}

struct PythonOutput {
    std::string text;
    int status;  ///< the exit status; 127 if there is no such program
};

/// Runs a program and reads its standard output to the end; its errors go where the test's go.
inline PythonOutput run_python(const std::filesystem::path& program,
                               const std::string& interpreter = "python3") {
    const std::string command =
        "PYTHONPATH='" + python_twins().string() + "' " + interpreter + " -B '" + program.string() + "'";
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
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    const std::filesystem::path program = python_twin(test);
    if (std::filesystem::exists(program)) expect_python_prints(program, printed);
}

}  // namespace aio::tests
