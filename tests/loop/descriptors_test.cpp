// SPDX-License-Identifier: MIT
// add_reader() and add_writer().
#include <aio/loop.hpp>
#include <aio/testing/virtual_clock.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cstdio>
#include <string>
#include <support/fd.hpp>
#include <support/lifetime.hpp>
#include <support/trace.hpp>

namespace aio {
namespace {

using namespace std::chrono_literals;
using tests::AtEnd;
using tests::Fd;
using tests::Lifetime;
using tests::SocketPair;
using tests::thrown;
using tests::Trace;

struct Descriptors : ::testing::Test {
    EventLoopPtr owner = new_event_loop();
    EventLoop& loop = *owner;
    SocketPair pair;
    const int a = pair.a.fd;
    Trace print;
    Lifetime life;

    void turn(int iterations = 1) {
        for (; iterations > 0; --iterations) {
            loop.stop();
            loop.run_forever();
        }
    }
};

TEST_F(Descriptors, AReaderRunsOncePerIterationWhileThereIsData) {
    loop.add_reader(a, [&] { print("read", pair.a.recv(1)); });
    turn();
    EXPECT_EQ(print.joined(), "");
    pair.b.send("xy");
    turn();
    EXPECT_EQ(print.joined(), "read x");
    turn(2);
    EXPECT_EQ(print.joined(), "read x | read y");
    EXPECT_EQ(loop.stats().descriptors, 1U);
    EXPECT_TRUE(loop.remove_reader(a));
    EXPECT_EQ(loop.stats().descriptors, 0U);
    EXPECT_FALSE(loop.remove_reader(a));
    EXPECT_FALSE(loop.remove_writer(a));
}

TEST_F(Descriptors, AWriterRunsWhileThereIsRoom) {
    loop.add_writer(a, print.later("w"));
    turn(2);
    EXPECT_EQ(print.joined(), "w | w");
    pair.a.fill();
    turn(2);
    EXPECT_EQ(print.joined(), "w | w");
    while (!pair.b.recv(100'000).empty()) {
    }
    turn();
    EXPECT_EQ(print.joined(), "w | w | w");
}

TEST_F(Descriptors, BothDirectionsAreIndependent) {
    loop.add_reader(a, [&] { print("r", pair.a.recv()); });
    loop.add_writer(a, print.later("w"));
    pair.b.send("x");
    turn();
    EXPECT_EQ(print.joined(), "r x | w");  // the reader goes first
    EXPECT_TRUE(loop.remove_reader(a));
    pair.b.send("y");
    turn();
    EXPECT_EQ(print.joined(), "r x | w | w");
    loop.add_reader(a, [&] { print("r2", pair.a.recv()); });
    EXPECT_TRUE(loop.remove_writer(a));
    turn();
    EXPECT_EQ(print.joined(), "r x | w | w | r2 y");
}

TEST_F(Descriptors, AddingAgainReplacesAndCancels) {
    const Handle first = loop.add_reader(a, [&, token = life.token()] { print("first"); });
    const Handle second = loop.add_reader(a, print.later("second"));
    EXPECT_TRUE(first.cancelled());
    EXPECT_TRUE(life.over());
    EXPECT_FALSE(second.cancelled());
    pair.b.send("x");
    turn();
    EXPECT_EQ(print.joined(), "second");
}

TEST_F(Descriptors, ThePeersEndWakesTheReaderAgainAndAgain) {
    pair.b.close();
    loop.add_reader(a, [&] { print("[" + pair.a.recv() + "]"); });
    turn(2);
    EXPECT_EQ(print.joined(), "[] | []");
}

TEST_F(Descriptors, ThePeersEndWakesAWriterToo) {
    pair.a.fill();
    loop.add_writer(a, print.later("w"));
    turn();
    EXPECT_EQ(print.joined(), "");
    pair.b.close();
    turn();
    EXPECT_EQ(print.joined(), "w");
}

TEST_F(Descriptors, DataBeforeTheEndIsNotLost) {
    pair.b.send("last");
    pair.b.close();
    loop.add_reader(a, [&] { print("[" + pair.a.recv() + "]"); });
    turn(2);
    EXPECT_EQ(print.joined(), "[last] | []");
}

// The callable is in use while it removes itself: its captures must last.
TEST_F(Descriptors, ACallbackMayRemoveItself) {
    loop.add_reader(
        a, [&, text = std::string("captured, and too long for the small buffer"), token = life.token()] {
            EXPECT_TRUE(loop.remove_reader(a));
            EXPECT_FALSE(loop.remove_reader(a));
            print(text.size());
        });
    pair.b.send("x");
    turn(2);
    EXPECT_EQ(print.joined(), "43");
    EXPECT_TRUE(life.over());
}

TEST_F(Descriptors, ACallbackMayReplaceItself) {
    loop.add_reader(
        a, [&, text = std::string("captured, and too long for the small buffer"), token = life.token()] {
            loop.add_reader(a, [&] { print("second", pair.a.recv()); });
            print(text.size());
        });
    pair.b.send("x");
    turn(2);
    EXPECT_EQ(print.joined(), "43 | second x");
    EXPECT_TRUE(life.over());
}

TEST_F(Descriptors, ARemovedWriterDoesNotRunInTheSameIteration) {
    loop.add_writer(a, print.later("w"));
    loop.add_reader(a, [&] {
        print("r");
        loop.remove_writer(a);
        loop.remove_reader(a);
    });
    pair.b.send("x");
    turn(2);
    EXPECT_EQ(print.joined(), "r");
}

TEST_F(Descriptors, CancellingTheHandleSilencesTheReader) {
    Handle handle = loop.add_reader(a, print.later("never"));
    handle.cancel();
    pair.b.send("x");
    turn();
    EXPECT_EQ(print.joined(), "");
    EXPECT_TRUE(loop.remove_reader(a));
}

TEST_F(Descriptors, ACallbackMayThrowAndStays) {
    int reports = 0;
    loop.set_exception_handler([&](EventLoop&, const ExceptionContext&) { ++reports; });
    loop.add_reader(a, [] { throw ValueError("x"); });
    pair.b.send("x");
    turn(2);
    EXPECT_EQ(reports, 2);
    EXPECT_TRUE(loop.remove_reader(a));
}

TEST_F(Descriptors, ADestructorMayRemoveOrAdd) {
    loop.add_reader(a, [end = AtEnd([&] { loop.remove_reader(a); })] {});
    loop.add_reader(a, print.later("replaced, and removed by the destructor of the first"));
    EXPECT_EQ(loop.stats().descriptors, 0U);
    loop.add_reader(a, [end = AtEnd([&] { loop.add_reader(a, print.later("new")); })] {});
    EXPECT_TRUE(loop.remove_reader(a));
    EXPECT_EQ(loop.stats().descriptors, 1U);
    pair.b.send("x");
    turn();
    EXPECT_EQ(print.joined(), "new");
}

// A program forgot remove_reader() before close(), and the kernel gave the number out again.
TEST_F(Descriptors, AReusedNumberIsWatchedAnew) {
    loop.add_reader(a, print.later("old"));
    const int number = a;
    pair.a.close();
    SocketPair fresh;
    ASSERT_EQ(::dup2(fresh.a.fd, number), number);
    const Fd reused(number);
    loop.add_reader(number, [&] { print("new", reused.recv()); });
    fresh.b.send("x");
    turn();
    EXPECT_EQ(print.joined(), "new x");
    loop.add_writer(number, print.later("w"));
    turn();
    EXPECT_EQ(print.joined(), "new x | w");
    EXPECT_TRUE(loop.remove_reader(number));
    EXPECT_TRUE(loop.remove_writer(number));
}

// The same, while a copy of the closed descriptor lives on, so that the kernel keeps the old registration.
TEST_F(Descriptors, AReusedNumberIsWatchedAnewAlsoWithACopyOfTheOld) {
    loop.add_reader(a, print.later("old"));
    const int number = a;
    const Fd copy(::dup(number));
    pair.a.close();
    SocketPair fresh;
    ASSERT_EQ(::dup2(fresh.a.fd, number), number);
    const Fd reused(number);
    loop.add_reader(number, [&] { print("new", reused.recv()); });
    pair.b.send("for the copy");
    turn(3);
    EXPECT_EQ(print.joined(), "");
    fresh.b.send("x");
    turn(2);
    EXPECT_EQ(print.joined(), "new x");
    EXPECT_TRUE(loop.remove_reader(number));
    pair.b.send("y");
    turn(3);
    EXPECT_EQ(print.joined(), "new x");
    EXPECT_EQ(loop.poller().poll(Duration::zero()), 0) << "the loop can sleep";
    EXPECT_EQ(loop.stats().descriptors, 0U);
    loop.add_reader(copy.fd, [&] { print("copy", copy.recv()); });
    turn(2);
    EXPECT_EQ(print.joined(), "new x | copy for the copyy");
}

// Whatever is removed after the descriptor was closed and while a copy of it lives on.
TEST_F(Descriptors, ARegistrationThatOutlivesItsDescriptorIsLeftBehind) {
    for (const bool writer_first : {true, false}) {
        SocketPair watched;
        SocketPair other;
        const int number = watched.a.fd;
        loop.add_reader(number, print.later("r"));
        loop.add_writer(number, print.later("w"));
        loop.add_reader(other.a.fd, [&] { print("other", other.a.recv()); });
        const Fd copy(::dup(number));
        watched.a.close();
        EXPECT_TRUE(writer_first ? loop.remove_writer(number) : loop.remove_reader(number));
        watched.b.send("x");
        turn(3);
        print.clear();
        EXPECT_EQ(loop.poller().poll(Duration::zero()), 0) << "the loop can sleep";
        EXPECT_TRUE(writer_first ? loop.remove_reader(number) : loop.remove_writer(number));
        other.b.send("y");
        turn(2);
        EXPECT_EQ(print.joined(), "other y") << "the rest goes on";
        EXPECT_TRUE(loop.remove_reader(other.a.fd));
    }
}

// The file that was closed comes back under its number, with its old registration.
TEST_F(Descriptors, ADescriptorThatComesBackIsWatchedAnew) {
    loop.add_reader(a, print.later("old"));
    const int number = a;
    const Fd copy(::dup(number));
    pair.a.close();
    EXPECT_TRUE(loop.remove_reader(number));
    ASSERT_EQ(::dup2(copy.fd, number), number);
    const Fd again(number);
    loop.add_reader(number, [&] { print("new", again.recv()); });
    pair.b.send("x");
    turn(2);
    EXPECT_EQ(print.joined(), "new x");
    EXPECT_TRUE(loop.remove_reader(number));
    pair.b.send("y");
    turn(2);
    EXPECT_EQ(print.joined(), "new x");
}

TEST_F(Descriptors, AClosedDescriptorCanStillBeRemoved) {
    loop.add_reader(a, [] {});
    loop.add_writer(a, [] {});
    pair.a.close();
    EXPECT_TRUE(loop.remove_reader(a));
    EXPECT_TRUE(loop.remove_writer(a));
    EXPECT_EQ(loop.stats().descriptors, 0U);
}

TEST_F(Descriptors, BadOnesAreRefused) {
    EXPECT_EQ(thrown<ValueError>([&] { loop.add_reader(-1, [] {}); }), "Invalid file descriptor: -1");
    EXPECT_EQ(thrown<OSError>([&] { loop.add_writer(9999, [] {}); }),
              "epoll_ctl on descriptor 9999: Bad file descriptor");
    EXPECT_EQ(thrown<OSError>([&] { loop.add_reader(0x7fffffff, [] {}); }),
              "epoll_ctl on descriptor 2147483647: Bad file descriptor");
    const Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    EXPECT_THROW(loop.add_reader(file.fd, [token = life.token()] {}), PermissionError);
    EXPECT_TRUE(life.over());
    EXPECT_EQ(loop.stats().descriptors, 0U);
    EXPECT_FALSE(loop.remove_reader(9999));
    EXPECT_FALSE(loop.remove_reader(-1));
}

TEST_F(Descriptors, OnesOfTransportsAreRefused) {
    loop.claim_descriptor(a);
    const std::string text = "File descriptor " + std::to_string(a) + " is used by a transport";
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.add_reader(a, [] {}); }), text);
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.add_writer(a, [] {}); }), text);
    loop.release_descriptor(a);
    loop.add_reader(a, [] {});
    EXPECT_EQ(thrown<RuntimeError>([&] { loop.claim_descriptor(a); }),
              "File descriptor " + std::to_string(a) + " is already watched by the loop");
}

TEST_F(Descriptors, CloseForgetsThem) {
    loop.add_reader(a, [token = life.token()] {});
    loop.add_writer(a, [token = life.token()] {});
    loop.close();
    EXPECT_TRUE(life.over());
    EXPECT_FALSE(loop.remove_reader(a));
    EXPECT_FALSE(loop.remove_writer(a));
}

TEST_F(Descriptors, CallbacksTakeArgumentsAndRunInTheirContext) {
    static const ContextVar<int> var("descriptor", 0);
    const Context context;
    const_cast<Context&>(context).run([&] {
        var.set(7);
        loop.add_writer(a, [&](const std::string& text) { print(text, var.get()); }, "w");
    });
    turn();
    EXPECT_EQ(print.joined(), "w 7");
}

TEST_F(Descriptors, HundredsAtOnce) {
    std::vector<SocketPair> pairs(300);  // more than one batch of the poller
    int count = 0;
    for (SocketPair& each : pairs) {
        each.b.send("x");
        loop.add_reader(each.a.fd, [&] {
            ++count;
            loop.remove_reader(each.a.fd);
        });
    }
    turn(3);
    EXPECT_EQ(count, 300);
    EXPECT_EQ(loop.stats().descriptors, 0U);
}

}  // namespace
}  // namespace aio
