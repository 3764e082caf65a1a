// SPDX-License-Identifier: MIT
// communicate() with more than pipes hold, cancelled at every point: the rest of the input goes to the child
// all the same, and what comes of it is the next one's.
#include <support/children.hpp>
#include <support/inject.hpp>

#include <string>
#include <utility>

namespace aio::tests {
namespace {

struct CommunicatesMuch : Scenario {
    static constexpr std::size_t kInput = 300'000;  // a pipe holds 64 KiB
    Process child;
    std::size_t taken = 0;
    std::size_t left = 0;

    Coro<> prepare() override {
        child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
    }
    Coro<> subject() override {
        const Output output = co_await child.communicate(std::string(kInput, 'x'));
        taken = output.out.size();
    }
    Coro<> finish() override {
        child.stdin().close();
        const Output output = co_await child.communicate();
        left = output.out.size();
        child = Process();
        co_await until([] { return !has_children(); });  // if its loop is closed a thread reaps it
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_EQ(taken, kInput);
        } else {
            EXPECT_TRUE(taken + left == kInput || taken + left == 0) << taken << " and " << left;
        }
    }
};
// 24 here; how much goes through a pipe at a time is the kernel's business.
TEST(SubprocessInjection, CommunicateMuch) { inject<CommunicatesMuch>(10); }

}  // namespace
}  // namespace aio::tests
