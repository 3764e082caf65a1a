// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/pipe.hpp>

#include <aio/subprocess.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace aio::tests {

using subprocess::DEVNULL;
using subprocess::Options;
using subprocess::Output;
using subprocess::PIPE;
using subprocess::Process;
using subprocess::STDOUT;

/// Whether this process has children, running or not reaped.
inline bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// From now on the kernel refuses this process `call` with `error`, if its first argument has one of `bits`:
/// as the filters of containers do.
inline void refuse_call(unsigned call, unsigned bits, unsigned error) {
    std::array<sock_filter, 6> code{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{code.size(), code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        throw std::runtime_error("no filter");
    }
}

/// From now on a child comes without a pidfd.
inline void refuse_pidfds() { refuse_call(SYS_clone, CLONE_PIDFD, EPERM); }

/// Tests with real children: in the end none is left, neither running nor a zombie, and no descriptor.
class Children : public ::testing::Test, public aio::testing::LoopTest {
protected:
    explicit Children(bool real_time = false) : LoopTest(real_time) {
        loop();
        before_ = open_descriptors();
    }

    // A shell in the background has Ctrl-C ignored for whatever it starts.
    void SetUp() override { std::signal(SIGINT, SIG_DFL); }

    /// What a shell command prints.
    static Coro<std::string> output_of(std::string command, Options options = Options()) {
        options.stdout(PIPE);
        auto process = co_await create_subprocess_shell(std::move(command), std::move(options));
        Output output = co_await process.communicate();
        EXPECT_EQ(process.returncode(), 0);
        co_return std::move(output.out);
    }
    /// What the loop has been told to close is closed in its next turns.
    static Coro<> settle() {
        for (int i = 0; i < 10; ++i) co_await sleep(std::chrono::seconds(0));
    }
    void expect_nothing_left() {
        EXPECT_FALSE(has_children());
        EXPECT_EQ(open_descriptors(), before_);
    }
    void TearDown() override {
        run([]() -> Coro<> { co_await settle(); });
        expect_nothing_left();
        EXPECT_TRUE(reports().empty()) << reports().front();
        finish();
    }

private:
    int before_ = 0;
};

/// The same in real time, where a limit has to run against a child.
class ChildrenInRealTime : public Children {
protected:
    ChildrenInRealTime() : Children(true) {}
};

}  // namespace aio::tests
