// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/detail/poller.hpp>

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <support/child.hpp>
#include <support/fd.hpp>
#include <support/log_capture.hpp>
#include <support/trace.hpp>
#include <thread>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::SocketPair;
using tests::thrown;

static_assert(std::has_virtual_destructor_v<detail::Poller>);

struct Watch final : detail::IoWatch {
    using detail::IoWatch::IoWatch;
    void on_events(std::uint32_t got) noexcept override {
        events |= got;
        ++calls;
    }
    void on_loop_closed() noexcept override { closed = true; }
    std::uint32_t events = 0;
    int calls = 0;
    bool closed = false;
};

struct Pollers : ::testing::TestWithParam<const char*> {
    decltype(detail::make_poller()) poller = detail::make_poller(GetParam());
    SocketPair pair;
    Watch watch{pair.a.fd};

    void SetUp() override {
        if (poller->name() != GetParam()) GTEST_SKIP() << "this machine refuses " << GetParam();
    }
    std::uint32_t poll() {
        watch.events = 0;
        poller->poll(Duration::zero());
        return watch.events;
    }
};

TEST_P(Pollers, ReportsReadinessAsLongAsItHolds) {
    poller->add(watch, detail::io::readable);
    EXPECT_EQ(poller->size(), 1U);
    EXPECT_EQ(poll(), 0U);
    pair.b.send("x");
    EXPECT_EQ(poll(), detail::io::readable);
    EXPECT_EQ(poll(), detail::io::readable);
    pair.a.recv();
    EXPECT_EQ(poll(), 0U);
}

TEST_P(Pollers, ReportsChangesOnceWhenEdgeTriggered) {
    poller->add(watch, detail::io::readable | detail::io::edge);
    pair.b.send("x");
    EXPECT_EQ(poll(), detail::io::readable);
    EXPECT_EQ(poll(), 0U);
    pair.b.send("y");
    EXPECT_EQ(poll(), detail::io::readable);
}

TEST_P(Pollers, ModifyChangesTheInterest) {
    poller->add(watch, detail::io::readable);
    EXPECT_EQ(poll(), 0U);
    poller->modify(watch, detail::io::writable);
    EXPECT_EQ(watch.interest, detail::io::writable);
    EXPECT_EQ(poll(), detail::io::writable);
    poller->modify(watch, 0);
    EXPECT_EQ(poll(), 0U);
    poller->modify(watch, detail::io::readable | detail::io::writable);
    pair.b.send("x");
    EXPECT_EQ(poll(), detail::io::readable | detail::io::writable);
}

TEST_P(Pollers, TellsHowAPeerWentAway) {
    poller->add(watch, detail::io::readable);
    ::shutdown(pair.b.fd, SHUT_WR);
    EXPECT_EQ(poll(), detail::io::readable | detail::io::peer_closed);
    pair.b.close();
    EXPECT_EQ(poll() & (detail::io::peer_closed | detail::io::hangup),
              detail::io::peer_closed | detail::io::hangup);
}

TEST_P(Pollers, RemoveIsHarmlessTwice) {
    poller->add(watch, detail::io::writable);
    poller->remove(watch);
    poller->remove(watch);
    EXPECT_EQ(poller->size(), 0U);
    EXPECT_EQ(poll(), 0U);
    poller->add(watch, detail::io::writable);
    EXPECT_EQ(poll(), detail::io::writable);
}

TEST_P(Pollers, SaysWhatFailed) {
    Watch bad(9999);
    EXPECT_EQ(thrown<OSError>([&] { poller->add(bad, detail::io::readable); }),
              "epoll_ctl on descriptor 9999: Bad file descriptor");
    EXPECT_FALSE(bad.linked());
    EXPECT_EQ(poller->size(), 0U);
    poller->add(watch, detail::io::readable);
    Watch twice(pair.a.fd);
    EXPECT_THROW(poller->add(twice, detail::io::readable), FileExistsError);
    EXPECT_EQ(poller->size(), 1U);
}

// A watch whose descriptor was closed must not take away its successor's registration.
TEST_P(Pollers, ALateRemoveLeavesTheNumbersNextOwnerAlone) {
    poller->add(watch, detail::io::readable);
    const int number = pair.a.fd;
    pair.a.close();
    SocketPair fresh;
    ASSERT_EQ(::dup2(fresh.a.fd, number), number);
    pair.a = tests::Fd(number);
    Watch next(number);
    poller->add(next, detail::io::readable);
    EXPECT_EQ(poller->size(), 2U);
    EXPECT_THROW(poller->modify(watch, detail::io::writable), OSError);
    poller->remove(watch);
    EXPECT_EQ(poller->size(), 1U);
    fresh.b.send("x");
    EXPECT_EQ(poll(), 0U);
    EXPECT_EQ(next.events, detail::io::readable);
}

TEST_P(Pollers, CloseTellsEveryWatch) {
    Watch other(pair.b.fd);
    poller->add(watch, detail::io::readable);
    poller->add(other, detail::io::readable);
    poller->close();
    EXPECT_TRUE(watch.closed && other.closed);
    EXPECT_FALSE(watch.linked());
    EXPECT_EQ(poller->size(), 0U);
}

TEST_P(Pollers, WaitsAtLeastAsLongAsAsked) {
    for (const Duration timeout : {Duration(1ns), Duration(200us), Duration(2ms)}) {
        const auto start = std::chrono::steady_clock::now();
        int polls = 0;  // the kernel interrupts one when a ring of an earlier test ends in this process
        for (; std::chrono::steady_clock::now() - start < timeout; ++polls) {
            EXPECT_EQ(poller->poll(timeout), 0);
        }
        EXPECT_LE(polls, 3);
    }
}

TEST_P(Pollers, ReturnsTheNumberOfReadyWatches) {
    Watch other(pair.b.fd);
    poller->add(watch, detail::io::writable);
    poller->add(other, detail::io::writable);
    EXPECT_EQ(poller->poll(1h), 2);
    EXPECT_EQ(watch.calls + other.calls, 2);
}

// Makes a system call fail for the rest of this process.
bool refuse(unsigned call, unsigned error) {
    std::array<sock_filter, 4> filter{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog program{filter.size(), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Containers' filters of before 2021 answer EPERM to system calls that they do not know.
TEST_P(Pollers, DoesWithoutACallThatTheSystemRefuses) {
    for (const int error : {ENOSYS, EPERM}) {
        const std::string end = tests::run_in_child([&] {
            if (!refuse(SYS_epoll_pwait2, static_cast<unsigned>(error))) ::_exit(77);
            const auto mine = detail::make_poller(GetParam());
            const auto start = std::chrono::steady_clock::now();
            for (int i = 0; i < 2; ++i) mine->poll(1ms);
            ::_exit(std::chrono::steady_clock::now() - start >= 2ms ? 7 : 1);
        });
        if (end == "exit 77") GTEST_SKIP() << "no seccomp here";
        EXPECT_EQ(end, "exit 7") << error;
    }
}

// A child keeps what it was given by the parent; with the ring's memory it has nothing to do.
TEST_P(Pollers, AForkedChildDestroysItAndLeavesTheParentsAlone) {
    poller->add(watch, detail::io::readable);
    EXPECT_EQ(poll(), 0U);
    const std::string end = tests::run_in_child([&] {
        const bool refused = thrown<RuntimeError>([&] { poller->poll(Duration::zero()); }) ==
                             "a forked child cannot use the poller of its parent";
        poller->close();
        poller.reset();
        ::_exit(refused ? 7 : 1);
    });
    EXPECT_EQ(end, "exit 7");
    pair.b.send("x");
    EXPECT_EQ(poll(), detail::io::readable);
}

TEST_P(Pollers, OneThreadAfterAnotherThread) {
    poller->add(watch, detail::io::readable);
    EXPECT_EQ(poll(), 0U);
    pair.b.send("x");
    std::uint32_t other = 0;
    std::thread([&] { other = poll(); }).join();
    EXPECT_EQ(other, detail::io::readable);
    EXPECT_EQ(poll(), detail::io::readable);
}

INSTANTIATE_TEST_SUITE_P(All, Pollers, ::testing::Values("epoll", "io_uring"),
                         [](const auto& instance) { return std::string(instance.param); });

constexpr auto kRefused = "io_uring is refused, epoll is used: io_uring_setup: Operation not permitted";

TEST(MakePoller, TakesEpollAndSaysSoOnceWhereIoUringIsRefused) {
    const std::string end = tests::run_in_child([&] {
        if (!refuse(SYS_io_uring_setup, EPERM)) ::_exit(77);
        const tests::LogCapture log;
        bool right = true;
        for (int i = 0; i < 2; ++i) right = right && detail::make_poller("io_uring")->name() == "epoll";
        right = right && log.messages() == std::vector<std::string>{kRefused};
        ::_exit(right ? 7 : 1);
    });
    if (end == "exit 77") GTEST_SKIP() << "no seccomp here";
    EXPECT_EQ(end, "exit 7");
}

TEST(MakePoller, ChoosesByNameAndEnvironment) {
    const char* const set = std::getenv("AIO_POLLER");
    const std::string before = set ? set : "";
    ::unsetenv("AIO_POLLER");
    EXPECT_EQ(detail::make_poller()->name(), "epoll");
    ::setenv("AIO_POLLER", "epoll", 1);
    EXPECT_EQ(detail::make_poller()->name(), "epoll");
    ::setenv("AIO_POLLER", "kqueue", 1);
    EXPECT_EQ(thrown<ValueError>([] { detail::make_poller(); }),
              "unknown poller 'kqueue': there are 'epoll' and 'io_uring' (see AIO_POLLER)");
    EXPECT_EQ(detail::make_poller("epoll")->name(), "epoll") << "the name given wins";
    ::setenv("AIO_POLLER", before.c_str(), 1);  // empty is as if it were not set
}

}  // namespace
}  // namespace aio
