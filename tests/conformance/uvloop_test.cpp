// SPDX-License-Identifier: MIT
// S152: where uvloop and asyncio differ, aio does as asyncio, except that timers with equal deadlines run in
// the order of arming, as with uvloop. The rows about transports are held by the tests of their rules; those
// about subprocesses and sendfile come with these parts.
#include "conformance.hpp"

#include <chrono>
#include <support/fd.hpp>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S152_a_timer_below_a_millisecond_is_a_timer) {
    run([&]() -> Coro<> {
        loop().call_later(300us, print.later("timer"));
        loop().call_soon(print.later("soon"));
        co_await sleep(1ms);
        print(clock().elapsed() == 1ms);
    });
    expect("soon\ntimer\nTrue\n");
}

TEST_F(Conformance, S152_equal_deadlines_are_first_in_first_out) {
    keep_order();
    run([&]() -> Coro<> {
        const TimePoint when = loop().time() + 1s;
        const char* const names[] = {"a", "b", "c", "d", "e"};
        for (const char* name : names) loop().call_at(when, print.later(name));
        co_await sleep(2s);
    });
    expect("a\nb\nc\nd\ne\n");
}

TEST_F(Conformance, S152_stop_leaves_what_the_last_iteration_queued) {
    loop().call_soon([&] {
        loop().stop();
        loop().call_soon(print.later("queued"));
    });
    loop().run_forever();
    print("stopped");
    loop().stop();
    loop().run_forever();
    expect("stopped\nqueued\n");
}

TEST_F(Conformance, S152_callbacks_after_a_system_exit_stay_queued) {
    loop().call_soon([] { throw SystemExit(1); });
    loop().call_soon(print.later("after"));
    EXPECT_THROW(loop().run_forever(), SystemExit);
    print("left");
    loop().stop();
    loop().run_forever();
    expect("left\nafter\n");
}

TEST_F(Conformance, S152_removing_a_reader_or_writer_tells_whether_there_was_one) {
    SocketPair pair;
    loop().add_reader(pair.a.fd, [] {});
    loop().add_writer(pair.a.fd, [] {});
    print(loop().remove_reader(pair.a.fd), loop().remove_writer(pair.a.fd));
    print(loop().remove_reader(pair.a.fd), loop().remove_writer(pair.a.fd));
    expect("True True\nFalse False\n");
}

}  // namespace
}  // namespace aio::tests
