// SPDX-License-Identifier: MIT
// Random trees of tasks under gather(), with cancellations at random moments, against a model that
// computes each task's end from the rules: a gather() ends with its first failure or its last child,
// and a cancellation reaches every leaf. Then wait() over the trees. A failure prints its seed; run one
// again with AIO_TEST_SEED=<seed>.
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

using namespace std::chrono_literals;

using Milliseconds = int;
constexpr Milliseconds kNever = std::numeric_limits<Milliseconds>::max();

enum class Kind { value, error, cancelled };
struct End {
    Milliseconds at;
    Kind kind;
    long value;
};

struct Node {
    // leaves
    Milliseconds delay = 0;
    bool fails = false;
    bool swallows = false;  // a cancellation, and returns its value at once
    Milliseconds cancelled_at = kNever;
    long value = 0;
    // gather()
    bool collects = false;
    std::vector<std::unique_ptr<Node>> children;

    // What becomes of the task if it is cancelled, by whoever awaits it, at `outer_cancel`.
    End expected(Milliseconds outer_cancel) const {
        if (children.empty()) {
            const Milliseconds cancel = std::min(cancelled_at, outer_cancel);
            if (cancel < delay) return {cancel, swallows ? Kind::value : Kind::cancelled, value};
            return {delay, fails ? Kind::error : Kind::value, value};
        }
        Milliseconds last = 0;
        std::optional<End> failure;
        long sum = 0;
        for (const auto& child : children) {
            const End end = child->expected(kNever);
            last = std::max(last, end.at);
            if (end.kind == Kind::value) sum += end.value;
            if (end.kind != Kind::value && (!failure || end.at < failure->at)) failure = end;
        }
        End end{last, Kind::value, sum};
        if (failure && !collects) end = {failure->at, failure->kind, 0};
        if (outer_cancel < end.at) return {outer_cancel, Kind::cancelled, 0};
        return end;
    }
};

struct ModelTest : ::testing::Test, testing::LoopTest {
    std::mt19937_64 random;
    std::vector<std::unique_ptr<Node>> roots;  // until the last task has ended
    std::vector<Milliseconds> moments;         // all different, so that no outcome depends on ties

    int below(int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }
    bool chance(int percent) { return below(100) < percent; }
    Milliseconds moment() {
        const Milliseconds picked = moments.back();
        moments.pop_back();
        return picked;
    }

    std::unique_ptr<Node> tree(int depth) {
        auto node = std::make_unique<Node>();
        if (depth > 0 && chance(70)) {
            node->collects = chance(40);
            const int count = 1 + below(4);
            for (int i = 0; i < count; ++i) node->children.push_back(tree(depth - 1));
            return node;
        }
        node->delay = moment();
        node->fails = chance(20);
        node->swallows = chance(20);
        if (chance(15)) node->cancelled_at = moment();
        node->value = below(1000);
        return node;
    }

    Coro<long> work(const Node& node) {
        if (node.children.empty()) {
            if (node.cancelled_at != kNever) {
                loop().call_later(node.cancelled_at * 1ms, [self = current_task()] { self.cancel(); });
            }
            try {
                co_await sleep(node.delay * 1ms);
            } catch (const CancelledError&) {
                if (!node.swallows) throw;
                co_return node.value;
            }
            if (node.fails) throw ValueError("failed");
            co_return node.value;
        }
        std::vector<Coro<long>> children;
        for (const auto& child : node.children) children.push_back(work(*child));
        long sum = 0;
        if (node.collects) {
            const auto results = co_await gather(return_exceptions, std::move(children));
            for (const Result<long>& result : results) sum += result ? result.value() : 0;
        } else {
            const auto values = co_await gather(std::move(children));
            for (long value : values) sum += value;
        }
        co_return sum;
    }

    void check(const Task<long>& task, const End& end) {
        ASSERT_TRUE(task.done());
        EXPECT_EQ(task.cancelled(), end.kind == Kind::cancelled);
        if (task.cancelled()) return;
        EXPECT_EQ(task.exception() != nullptr, end.kind == Kind::error);
        if (task.exception()) return;
        EXPECT_EQ(task.result(), end.value);
    }

    // Every tree alone, and wait() over all of them.
    Coro<> scenario() {
        std::vector<Task<long>> tasks;
        std::vector<End> ends;
        const int count = 1 + below(5);
        for (int i = 0; i < count; ++i) {
            roots.push_back(tree(3));
            const Milliseconds cancel = chance(40) ? moment() : kNever;
            ends.push_back(roots.back()->expected(cancel));
            tasks.push_back(create_task(work(*roots.back())));
            if (cancel != kNever) loop().call_later(cancel * 1ms, [task = tasks.back()] { task.cancel(); });
        }
        const auto when = static_cast<ReturnWhen>(below(3));
        auto options = WaitOptions(when);
        Milliseconds expected = 0;
        for (const End& end : ends) expected = std::max(expected, end.at);
        for (const End& end : ends) {
            if (when == FIRST_COMPLETED || (when == FIRST_EXCEPTION && end.kind == Kind::error)) {
                expected = std::min(expected, end.at);
            }
        }
        if (chance(30)) {
            const Milliseconds limit = moment();
            options.timeout(limit * 1ms);
            expected = std::min(expected, limit);
        }
        const Duration start = clock().elapsed();
        const auto result = co_await wait(tasks, options);
        EXPECT_EQ((clock().elapsed() - start) / 1ms, expected);
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            EXPECT_EQ(result.done.contains(tasks[i]), ends[i].at <= expected) << i;
            EXPECT_NE(result.done.contains(tasks[i]), result.pending.contains(tasks[i])) << i;
        }
        co_await wait(tasks);
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            SCOPED_TRACE(i);
            check(tasks[i], ends[i]);
        }
    }

    void scenario_of(std::uint64_t seed) {
        SCOPED_TRACE("AIO_TEST_SEED=" + std::to_string(seed));
        random.seed(seed);
        roots.clear();
        moments.clear();
        for (Milliseconds i = 1; i <= 2000; ++i) moments.push_back(i);
        std::shuffle(moments.begin(), moments.end(), random);
        run(scenario());
        // Detached children of failed gathers run on; then nothing may be left.
        run([&]() -> Coro<> {
            co_await sleep(3s);
            EXPECT_EQ(all_tasks().size(), 1u);
            EXPECT_EQ(loop().stats().timers, 0u);
        });
        EXPECT_TRUE(reports().empty()) << reports().front();
    }
};

TEST_F(ModelTest, GatherWaitAndCancelAsTheRulesSay) {
    if (const char* seed = std::getenv("AIO_TEST_SEED")) {
        scenario_of(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) scenario_of(seed);
}

}  // namespace
}  // namespace aio
