// SPDX-License-Identifier: MIT
#include "python_twin.hpp"

#include "conformance.hpp"

#include <gtest/gtest-spi.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace aio::tests {
namespace {

const char* const kTwin = "loop/S01_call_soon_is_strict_fifo.py";

TEST(PythonTwin, TheSameTextPasses) {
    const std::filesystem::path program = python_twins() / kTwin;
    expect_python_prints(program, "a\nb\nc\nmain\n");
}

TEST(PythonTwin, ADifferenceIsAFailure) {
    const std::filesystem::path program = python_twins() / kTwin;
    EXPECT_NONFATAL_FAILURE(expect_python_prints(program, "a\nc\nb\nmain\n"), "differ on");
    EXPECT_NONFATAL_FAILURE(expect_python_prints(program, "a\nb\nc\n"), "differ on");
    EXPECT_NONFATAL_FAILURE(expect_python_prints(program, ""), "differ on");
}

TEST(PythonTwin, AProgramThatFailsIsAFailure) {
    EXPECT_EQ(run_python("/nonexistent/program.py").status, 2);
    EXPECT_NONFATAL_FAILURE(expect_python_prints("/nonexistent/program.py", ""), "failed on");
}

TEST(PythonTwin, AMissingInterpreterIsAFailure) {
    EXPECT_EQ(run_python(python_twins() / kTwin, "/nonexistent/python3").status, 127);
}

// A program whose test was renamed or moved would never run again.
TEST(PythonTwin, EveryProgramHasATest) {
    const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
    std::set<std::filesystem::path> twins{python_twins() / "prelude.py"};
    for (int s = 0; s < all.total_test_suite_count(); ++s) {
        const ::testing::TestSuite& suite = *all.GetTestSuite(s);
        for (int t = 0; t < suite.total_test_count(); ++t) twins.insert(python_twin(*suite.GetTestInfo(t)));
    }
    int programs = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(python_twins())) {
        if (file.path().extension() != ".py") continue;
        EXPECT_TRUE(twins.contains(file.path())) << file.path();
        ++programs;
    }
    EXPECT_GT(programs, 100);
}

// A recorded outcome says on its first line which CPython printed it, and belongs to a program.
TEST(PythonTwin, EveryRecordNamesItsVersion) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(python_twins())) {
        if (file.path().extension() != ".trace") continue;
        std::filesystem::path program = file.path();
        EXPECT_TRUE(std::filesystem::exists(program.replace_extension(".py"))) << file.path();
        std::string line;
        std::getline(std::ifstream(file.path()), line);
        EXPECT_TRUE(line.starts_with("# printed by CPython 3.")) << file.path();
    }
}

}  // namespace
}  // namespace aio::tests
