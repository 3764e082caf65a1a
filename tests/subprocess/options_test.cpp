// SPDX-License-Identifier: MIT
#include <support/chained_setters.hpp>
#include <support/children.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <any>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using SubprocessOptionsTest = Children;

TEST(SubprocessOptions, SettersKeepWhatTheyAreCalledOn) {
    expect_chained<Options>(SETTER(stdin(PIPE)));
    expect_chained<Options>(SETTER(stdout(PIPE)));
    expect_chained<Options>(SETTER(stderr(PIPE)));
    expect_chained<Options>(SETTER(limit(10)));
    expect_chained<Options>(SETTER(cwd("/")));
    expect_chained<Options>(SETTER(env({})));
    expect_chained<Options>(SETTER(executable("/bin/sh")));
    expect_chained<Options>(SETTER(umask(0)));
    expect_chained<Options>(SETTER(process_group(0)));
    expect_chained<Options>(SETTER(start_new_session(true)));
    expect_chained<Options>(SETTER(pass_fds({})));
    expect_chained<Options>(SETTER(close_fds(true)));
    expect_chained<Options>(SETTER(restore_signals(true)));
    expect_chained<Options>(SETTER(pty(true)));
    expect_chained<Options>(SETTER(user(0)));
    expect_chained<Options>(SETTER(group(0)));
    expect_chained<Options>(SETTER(extra_groups({})));
    expect_chained<Options>(SETTER(pipesize(4096)));
}

#undef SETTER

TEST_F(SubprocessOptionsTest, StreamsGoWhereTheOptionsSay) {
    Pipe pipe;
    run([&]() -> Coro<> {
        auto process =
            co_await create_subprocess_shell("echo out; echo err >&2", Options().stdout(PIPE).stderr(STDOUT));
        Output output = co_await process.communicate();
        EXPECT_EQ(output.out, "out\nerr\n");
        process = co_await create_subprocess_shell("echo out; echo err >&2",
                                                   Options().stdout(DEVNULL).stderr(PIPE));
        output = co_await process.communicate();
        EXPECT_EQ(output.out + output.err, "err\n");
        process = co_await create_subprocess_shell("cat; echo own",
                                                   Options().stdin(DEVNULL).stdout(pipe.writing.fd));
        co_await process.wait();
        EXPECT_EQ(pipe.read(), "own\n");
    });
    pipe = Pipe(0);
    pipe.reading.close();
    pipe.writing.close();
}

// Descriptors 0 to 2 given for one another.
TEST_F(SubprocessOptionsTest, StandardDescriptorsCanBeExchanged) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec(Options().stdout(PIPE).stderr(PIPE), "sh", "-c",
                                                       "sh -c 'echo out; echo err >&2' 3>&1 1>&2 2>&3");
        const Output output = co_await process.communicate();
        EXPECT_EQ(output.out + "|" + output.err, "err\n|out\n");
        // In a child of a child, whose own descriptors are pipes of ours.
        const std::string text = co_await output_of("echo text", Options().stderr(1));
        EXPECT_EQ(text, "text\n");
    });
}

TEST_F(SubprocessOptionsTest, StreamsThatMakeNoSenseAreRefused) {
    run([]() -> Coro<> {
        for (const bool in : {true, false}) {
            Options options;
            if (in) {
                options.stdin(STDOUT);
            } else {
                options.stdout(STDOUT);
            }
            try {
                co_await create_subprocess_exec(options, "true");
                ADD_FAILURE();
            } catch (const ValueError&) {
            }
        }
        try {
            co_await create_subprocess_exec(Options().stdout(4711), "true");
            ADD_FAILURE();
        } catch (const OSError& e) {
            EXPECT_EQ(e.error_number(), EBADF);
        }
    });
}

TEST_F(SubprocessOptionsTest, FolderEnvironmentAndMask) {
    run([]() -> Coro<> {
        std::string text = co_await output_of("pwd; umask", Options().cwd("/usr").umask(027));
        EXPECT_EQ(text, "/usr\n0027\n");
        std::map<std::string, std::string> variables = subprocess::environment();
        EXPECT_EQ(variables.at("PATH"), std::getenv("PATH"));
        variables["AIO_TEST_CHILD"] = "a=b";
        text = co_await output_of("echo $AIO_TEST_CHILD", Options().env(variables));
        EXPECT_EQ(text, "a=b\n");
        variables.clear();
        text = co_await output_of("echo $AIO_TEST_CHILD$HOME", Options().env(variables));
        EXPECT_EQ(text, "\n");
    });
}

TEST_F(SubprocessOptionsTest, SessionsAndGroups) {
    run([]() -> Coro<> {
        const char* const command = "cut -d' ' -f5,6 /proc/$$/stat; echo $$";  // group, session
        std::string text = co_await output_of(command, Options().start_new_session(true));
        std::string self = text.substr(text.find('\n') + 1);
        self.pop_back();
        EXPECT_EQ(text, self + " " + self + "\n" + self + "\n");
        text = co_await output_of(command, Options().process_group(0));
        self = text.substr(text.find('\n') + 1);
        self.pop_back();
        EXPECT_EQ(text, self + " " + std::to_string(::getsid(0)) + "\n" + self + "\n");
    });
}

TEST_F(SubprocessOptionsTest, DescriptorsAreClosedUnlessTheyArePassed) {
    Pipe pipe;
    const int inheritable = ::dup(pipe.writing.fd);
    run([&]() -> Coro<> {
        const char* const list = "cd /proc/self/fd; echo *";
        std::string text = co_await output_of(list);
        EXPECT_EQ(text, "0 1 2 3\n");  // 3 is the folder
        const std::vector<int> passed{pipe.writing.fd, pipe.reading.fd};
        text = co_await output_of("echo * >/dev/null; cd /proc/$$/fd; echo *", Options().pass_fds(passed));
        EXPECT_NE(text.find(std::to_string(pipe.writing.fd)), std::string::npos) << text;
        EXPECT_NE(text.find(std::to_string(pipe.reading.fd)), std::string::npos) << text;
        EXPECT_EQ(text.find(std::to_string(inheritable)), std::string::npos) << text;
        text = co_await output_of("cd /proc/$$/fd; echo *", Options().close_fds(false));
        EXPECT_NE(text.find(std::to_string(inheritable)), std::string::npos) << text;
        try {
            const std::vector<int> bad{-1};
            co_await create_subprocess_exec(Options().pass_fds(bad), "true");
            ADD_FAILURE();
        } catch (const ValueError&) {
        }
    });
    ::close(inheritable);
    pipe.reading.close();
    pipe.writing.close();
}

// The lines about blocked, ignored and caught signals.
std::string signals_of(const std::string& status) {
    const std::size_t begin = status.find("SigBlk:");
    return status.substr(begin, status.find("CapInh:") - begin);
}

TEST_F(SubprocessOptionsTest, SignalsAreAsAShellHasThem) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    run([]() -> Coro<> {
        std::string text = co_await output_of("exec cat /proc/self/status");
        EXPECT_EQ(signals_of(text),
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\nSigCgt:\t0000000000000000\n");
        text = co_await output_of("exec cat /proc/self/status", Options().restore_signals(false));
        EXPECT_EQ(signals_of(text),
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n");
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGHUP, SIG_DFL);
}

TEST_F(SubprocessOptionsTest, AnotherFileIsRunUnderTheName) {
    run([]() -> Coro<> {
        auto process = co_await create_subprocess_exec(Options().executable("/bin/sh").stdout(PIPE), "a name",
                                                       "-c", "echo $0");
        const Output output = co_await process.communicate();
        EXPECT_EQ(output.out, "a name\n");
    });
}

TEST_F(SubprocessOptionsTest, ATerminalOfItsOwn) {
    run([]() -> Coro<> {
        auto shell = co_await create_subprocess_shell(
            "stty -echo; tty >/dev/null && echo ready; read line; echo got $line; cat; echo end; "
            "exec sleep 999",
            Options().pty(true));
        EXPECT_FALSE(shell.stderr());
        std::string line = co_await shell.stdout().readline();
        EXPECT_EQ(line, "ready\r\n");
        shell.stdin().write("text\n");
        line = co_await shell.stdout().readline();
        EXPECT_EQ(line, "got text\r\n");
        shell.stdin().write("more\n\x04");
        line = co_await shell.stdout().readline();
        EXPECT_EQ(line, "more\r\n");
        line = co_await shell.stdout().readline();
        EXPECT_EQ(line, "end\r\n");  // from here on no shell waits for a child, which may keep it from ending
        shell.stdin().write("\x03");
        const int code = co_await shell.wait();
        EXPECT_EQ(code, -SIGINT);
        const std::string rest = co_await shell.stdout().read();
        EXPECT_EQ(rest, "");
    });
}

TEST_F(SubprocessOptionsTest, ATerminalBesideOtherStreams) {
    run([]() -> Coro<> {
        auto shell = co_await create_subprocess_shell("tty <&2 >/dev/null; echo $?; echo err >&2",
                                                      Options().pty(true).stdin(DEVNULL).stdout(PIPE));
        EXPECT_FALSE(shell.stdin());
        const Output output = co_await shell.communicate();
        EXPECT_EQ(output.out, "0\n");
        EXPECT_EQ(output.err, "err\r\n");
    });
}

TEST_F(SubprocessOptionsTest, UserAndGroup) {
    if (::getuid() != 0) GTEST_SKIP() << "needs root";
    run([]() -> Coro<> {
        const std::string text =
            co_await output_of("id -u; id -g; id -G", Options().user(65'534).group(65'533));
        EXPECT_EQ(text, "65534\n65533\n65533\n");
    });
}

TEST_F(SubprocessOptionsTest, ExtraGroups) {
    if (::getuid() != 0) GTEST_SKIP() << "needs root";
    run([]() -> Coro<> {
        const std::vector<unsigned> none;
        const std::vector<unsigned> groups{65'531, 65'532};
        EXPECT_EQ(co_await output_of("id -G", Options().group(65'533).extra_groups(groups)),
                  "65533 65531 65532\n");
        EXPECT_EQ(co_await output_of("id -G", Options().extra_groups(groups)),
                  std::to_string(::getgid()) + " 65531 65532\n");
        EXPECT_EQ(co_await output_of("id -G", Options().extra_groups(none)),
                  std::to_string(::getgid()) + "\n");
    });
}

TEST_F(SubprocessOptionsTest, SizesOfPipes) {
    run([]() -> Coro<> {
        const auto size_of = [](const SubprocessTransport& process, int fd) {
            const Ref<Transport> pipe = process.get_pipe_transport(fd);
            return ::fcntl(std::any_cast<int>(pipe->get_extra_info("pipe")), F_GETPIPE_SZ);
        };
        const auto factory = [] { return std::make_shared<SubprocessProtocol>(); };
        const auto options = Options().stdin(PIPE).stdout(PIPE).stderr(PIPE);
        for (const int bytes : {4096, 128 * 1024}) {
            auto [transport, protocol] =
                co_await subprocess_exec(factory, Options(options).pipesize(bytes), "cat");
            for (const int fd : {0, 1, 2}) EXPECT_EQ(size_of(*transport, fd), bytes) << fd;
            transport->close();
            while (protocol.use_count() > 1) co_await sleep(std::chrono::seconds(0));
        }
        std::string what;
        try {
            co_await create_subprocess_exec(Options(options).pipesize(INT_MAX), "cat");
        } catch (const OSError& e) {
            what = e.what();
        }
        EXPECT_EQ(what.substr(0, 33), "make a pipe of 2147483647 bytes: ");
    });
}

}  // namespace
}  // namespace aio::tests
