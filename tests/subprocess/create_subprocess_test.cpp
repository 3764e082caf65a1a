// SPDX-License-Identifier: MIT
#include <support/child.hpp>
#include <support/children.hpp>

#include <sys/stat.h>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using CreateSubprocessTest = Children;

TEST_F(CreateSubprocessTest, TakesArgumentsAndLists) {
    run([]() -> Coro<> {
        const std::string word = "two words";
        auto process =
            co_await create_subprocess_exec(Options().stdout(PIPE), "printf", "%s|", "one", word, "$HOME");
        Output output = co_await process.communicate();
        EXPECT_EQ(output.out, "one|two words|$HOME|");
        const std::vector<std::string> list{"printf", "%s.", "a", "b"};
        process = co_await create_subprocess_exec(Options().stdout(PIPE), list);
        output = co_await process.communicate();
        EXPECT_EQ(output.out, "a.b.");
        const std::vector<std::string> alone{"true"};
        process = co_await create_subprocess_exec(alone);
        const int code = co_await process.wait();
        EXPECT_EQ(code, 0);
        try {
            co_await create_subprocess_exec(std::vector<std::string>());
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
    });
}

// What `create` throws, with its text.
template <class... Args>
Coro<std::string> failure(Options options, Args... args) {
    try {
        co_await create_subprocess_exec(std::move(options), args...);
    } catch (const FileNotFoundError& e) {
        co_return std::string("FileNotFoundError ") + e.what();
    } catch (const PermissionError& e) {
        co_return std::string("PermissionError ") + e.what();
    } catch (const NotADirectoryError& e) {
        co_return std::string("NotADirectoryError ") + e.what();
    } catch (const OSError& e) {
        co_return std::string("OSError ") + e.what();
    } catch (const ValueError& e) {
        co_return std::string("ValueError ") + e.what();
    }
    co_return "none";
}

TEST_F(CreateSubprocessTest, ErrorsTellWhatFailed) {
    const std::string script = ::testing::TempDir() + "aio_no_program_" + std::to_string(::getpid());
    std::ofstream(script) << "no program\n";
    ::chmod(script.c_str(), 0755);
    run([&]() -> Coro<> {
        std::string text = co_await failure(Options(), "/no/such/program");
        EXPECT_EQ(text, "FileNotFoundError exec /no/such/program: No such file or directory");
        text = co_await failure(Options(), "aio-no-such-program");
        EXPECT_EQ(text, "FileNotFoundError exec aio-no-such-program: No such file or directory");
        text = co_await failure(Options(), "/etc/passwd");
        EXPECT_EQ(text, "PermissionError exec /etc/passwd: Permission denied");
        text = co_await failure(Options(), script);
        EXPECT_EQ(text, "OSError exec " + script + ": Exec format error");
        text = co_await failure(Options().cwd("/no/folder"), "true");
        EXPECT_EQ(text, "FileNotFoundError chdir to /no/folder: No such file or directory");
        text = co_await failure(Options().cwd("/etc/passwd"), "true");
        EXPECT_EQ(text, "NotADirectoryError chdir to /etc/passwd: Not a directory");
        text = co_await failure(Options().process_group(-5), "true");
        EXPECT_EQ(text, "OSError setpgid for true: Invalid argument");
        text = co_await failure(Options(), "tr", std::string("a\0b", 3));
        EXPECT_EQ(text, "ValueError embedded null byte");
        const std::map<std::string, std::string> bad{{"A=B", "c"}};
        text = co_await failure(Options().env(bad), "true");
        EXPECT_EQ(text, "ValueError illegal environment variable name");
    });
    ::unlink(script.c_str());
}

// Pipes of our own, opened for the child, may have its number.
TEST_F(CreateSubprocessTest, DescriptorsThatAreClosedAreRefused) {
    run([]() -> Coro<> {
        const int closed = ::dup(0);
        ::close(closed);
        const std::string expected =
            "OSError pass descriptor " + std::to_string(closed) + " to true: Bad file descriptor";
        const std::vector<int> passed{closed};
        EXPECT_EQ(co_await failure(Options().pass_fds(passed), "true"), expected);
        EXPECT_EQ(co_await failure(Options().stdin(PIPE).stdout(closed), "true"), expected);
        EXPECT_EQ(co_await failure(Options().stdin(closed).stdout(PIPE), "true"), expected);
    });
    EXPECT_FALSE(has_children());
}

Options with_path(const std::string& path) { return Options().env({{"PATH", path}}); }

TEST_F(CreateSubprocessTest, TheProgramIsLookedForInThePathOfItsEnvironment) {
    const std::string folder = ::testing::TempDir() + "aio_path_" + std::to_string(::getpid());
    ::mkdir(folder.c_str(), 0755);
    std::ofstream(folder + "/true") << "not executable\n";
    run([&]() -> Coro<> {
        std::string text = co_await failure(with_path("/no:/etc"), "true");
        EXPECT_EQ(text, "FileNotFoundError exec true: No such file or directory");
        text = co_await failure(with_path("/no:" + folder), "true");
        EXPECT_EQ(text, "PermissionError exec true: Permission denied");
        text = co_await failure(with_path("/no:" + folder + ":/usr/bin"), "true");
        EXPECT_EQ(text, "none");
        co_await until([] { return !has_children(); });
    });
    ::unlink((folder + "/true").c_str());
    ::rmdir(folder.c_str());
}

// Where a filter refuses pidfds, as some containers do: run in a process of its own.
TEST_F(CreateSubprocessTest, AThreadWaitsWherePidfdsAreRefused_Thread) {
    const ChildSays says;
    EXPECT_EQ(run_in_child([&says] {
                  refuse_pidfds();
                  Runner runner;
                  const auto body = [&says]() -> Coro<> {
                      auto process =
                          co_await create_subprocess_shell("read line; exit 3", Options().stdin(PIPE));
                      process.stdin().write("go\n");
                      int code = co_await process.wait();
                      says(std::to_string(code));
                      process = co_await create_subprocess_exec("sleep", "999");
                      process.kill();
                      code = co_await process.wait();
                      says(std::to_string(code));
                      try {
                          process.kill();
                      } catch (const ProcessLookupError&) {
                          says("gone");
                      }
                      says(has_children() ? "left" : "none left");
                  };
                  runner.run(body());
              }),
              "exit 0");
    EXPECT_EQ(says.heard(), "3 | -9 | gone | none left | ");
}

}  // namespace
}  // namespace aio::tests
