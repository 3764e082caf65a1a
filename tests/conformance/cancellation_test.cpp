// SPDX-License-Identifier: MIT
// S39 to S44: cancellation, its delivery and its count.
#include "conformance.hpp"

#include <support/ended.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(Conformance, S39_cancel_is_a_request_delivered_at_the_await) {
    auto t = [&]() -> Coro<> {
        struct Finally {
            Trace& print;
            ~Finally() { print("cleanup"); }
        } finally{print};
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            print("caught");
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<> x = create_task(t);
        co_await sleep(0s);
        const bool accepted = x.cancel();
        print(accepted, x.cancelled(), x.done());
        try {
            co_await x;
        } catch (const CancelledError&) {
            print("awaiter sees it", x.cancelled(), x.cancel());
        }
    });
    expect("True False False\ncaught\ncleanup\nawaiter sees it True False\n");
}

TEST_F(Conformance, S40_a_task_cancelled_before_its_start_never_runs) {
    auto t = [&]() -> Coro<> {
        struct Finally {
            Trace& print;
            ~Finally() { print("nor this"); }
        } finally{print};
        print("never");
        co_return;
    };
    run([&]() -> Coro<> {
        Task<> x = create_task(t);
        x.cancel();
        co_await ended(x);
        print(x.cancelled());
    });
    expect("True\n");
}

TEST_F(Conformance, S41_swallowing_a_cancellation_is_allowed_and_wins) {
    auto keep = []() -> Coro<std::string> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            co_return "kept";
        }
        co_return "";
    };
    auto other = []() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError&) {
            throw ValueError("x");
        }
    };
    run([&]() -> Coro<> {
        Task<std::string> a = create_task(keep);
        Task<> b = create_task(other);
        co_await sleep(0s);
        a.cancel();
        b.cancel();
        co_await ended(a, b);
        print(a.cancelled(), a.result(), a.cancelling(), repr(b.exception()), b.cancelled());
    });
    expect("False kept 1 ValueError('x') False\n");
}

TEST_F(Conformance, S42_two_cancels_before_delivery_give_one_error_but_count_two) {
    auto t = []() -> Coro<int> {
        int n = 0;
        for (int i = 0; i < 3; ++i) {
            try {
                co_await sleep(20ms);
            } catch (const CancelledError&) {
                ++n;
            }
        }
        co_return n;
    };
    run([&]() -> Coro<> {
        Task<int> x = create_task(t);
        co_await sleep(0s);
        x.cancel();
        x.cancel();
        print(x.cancelling());
        int n = co_await x;
        print(n);
        x = create_task(t);
        co_await sleep(0s);
        x.cancel();
        co_await sleep(5ms);
        x.cancel();
        n = co_await x;
        print(n);
    });
    expect("2\n1\n2\n");
}

TEST_F(Conformance, S43_cancelling_and_uncancel) {
    run([&]() -> Coro<> {
        const AnyTask t = current_task();
        unsigned left = t.uncancel();
        print(left, t.cancelling());
        t.cancel();
        t.cancel();
        const unsigned requests = t.cancelling();
        left = t.uncancel();
        print(requests, left, t.uncancel());
        try {
            co_await sleep(0s);
            print("withdrawn");
        } catch (const CancelledError&) {
            print("still delivered");
        }
    });
    expect("0 0\n2 1 0\nwithdrawn\n");
}

TEST_F(Conformance, S44_the_message_travels) {
    auto t = [&]() -> Coro<> {
        try {
            co_await sleep(9s);
        } catch (const CancelledError& e) {
            print("in", args(e));
            throw;
        }
    };
    run([&]() -> Coro<> {
        Task<> x = create_task(t);
        co_await sleep(0s);
        x.cancel("bye");
        try {
            co_await x;
        } catch (const CancelledError& e) {
            print("out", args(e));
        }
    });
    expect("in ('bye',)\nout ('bye',)\n");
}

// Not in semantics.md, checked against CPython 3.11: of requests that are merged the first one's
// message is delivered once the awaited future was cancelled, the last one's before the first step.
TEST_F(Conformance, S44_of_merged_requests_the_first_message_travels) {
    auto t = [&](bool in_future) -> Coro<> {
        try {
            if (in_future) {
                co_await loop().create_future<>();
            } else {
                co_await sleep(9s);
            }
        } catch (const CancelledError& e) {
            print("in", args(e));
            throw;
        }
    };
    run([&]() -> Coro<> {
        for (const bool in_future : {false, true}) {
            Task<> x = create_task(t, in_future);
            co_await sleep(0s);
            x.cancel("first");
            x.cancel("second");
            co_await ended(x);
        }
        Task<> x = create_task(t, false);
        x.cancel("first");
        x.cancel("second");
        try {
            co_await x;
        } catch (const CancelledError& e) {
            print("out", args(e));
        }
    });
    expect("in ('first',)\nin ('first',)\nout ('second',)\n");
}

}  // namespace
}  // namespace aio::tests
