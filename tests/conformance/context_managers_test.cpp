// SPDX-License-Identifier: MIT
// S100, S101, S168: async for, async with, AsyncExitStack.
#include "conformance.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

std::string short_name(const std::exception_ptr& error) {
    if (!error) return "None";
    const std::string name = type_name(error);
    return name.substr(name.rfind(':') + 1);
}

class CM {
public:
    CM(Trace& print, const char* name, bool suppresses = false)
        : print_(&print), name_(name), suppresses_(suppresses) {}
    Coro<CM&> aenter() {
        co_await sleep(0s);
        (*print_)("enter", name_);
        co_return *this;
    }
    Coro<bool> aexit(std::exception_ptr error) {
        co_await sleep(0s);
        (*print_)("exit", name_, short_name(error));
        co_return suppresses_;
    }

private:
    Trace* print_;
    std::string name_;
    bool suppresses_;
};

TEST_F(Conformance, S100_async_with_calls_aexit_with_the_error_and_lets_it_suppress) {
    auto raises = []() -> Coro<> {
        throw ValueError("");
        co_return;
    };
    auto outer = [&]() -> Coro<> { co_await async_with(CM(print, "b"), raises); };
    auto waits = []() -> Coro<> { co_await sleep(9s); };
    auto cancelled = [&]() -> Coro<> { co_await async_with(CM(print, "c"), waits); };
    run([&]() -> Coro<> {
        co_await async_with(CM(print, "a", true), outer);
        Task<> t = create_task(cancelled);
        co_await sleep(10ms);
        t.cancel();
        std::vector<Task<>> ts{t};
        co_await wait(ts);
        print(t.cancelled());
    });
    expect(
        "enter a\n"
        "enter b\n"
        "exit b ValueError\n"
        "exit a ValueError\n"
        "enter c\n"
        "exit c CancelledError\n"
        "True\n");
}

// C++ errors have no __context__: what stands there is the error that the failing exit was told of, for
// which it is registered with push_async_exit().
TEST_F(Conformance, S101_async_exit_stack_unwinds_last_in_first_out_and_keeps_going) {
    std::string context;
    auto bye = [&](int n) -> Coro<> {
        print("exit", n);
        co_return;
    };
    auto failing = [&](std::exception_ptr error) -> Coro<> {
        print("exit", 2);
        context = repr(error);
        throw LookupError("two");
        co_return;
    };
    auto body = [&](AsyncExitStack& stack) -> Coro<> {
        stack.push_async_callback(bye, 1);
        stack.push_async_exit(failing);
        stack.push_async_callback(bye, 3);
        throw ValueError("body");
        co_return;
    };
    run([&]() -> Coro<> {
        try {
            co_await async_with(AsyncExitStack(), body);
        } catch (const LookupError& e) {
            print("KeyError('" + std::string(e.what()) + "')", context);
        }
    });
    expect("exit 3\nexit 2\nexit 1\nKeyError('two') ValueError('body')\n");
}

class Reader {
public:
    Coro<std::optional<int>> readline() {
        ++count_;
        if (count_ == 100) co_return std::nullopt;
        co_return count_;
    }
    Coro<std::optional<int>> next() { return readline(); }

private:
    int count_ = 0;
};

class ACM {
public:
    explicit ACM(Trace& print) : print_(&print) {}
    Coro<ACM&> aenter() {
        co_await sleep(10ms);
        co_return *this;
    }
    Coro<> aexit() {
        co_await sleep(10ms);
        (*print_)("closed");
    }

private:
    Trace* print_;
};

TEST_F(Conformance, S168_async_iterator_to_99_and_async_context_manager) {
    auto body = [&](ACM&) -> Coro<> {
        print("inside");
        co_return;
    };
    run([&]() -> Coro<> {
        const std::vector<int> x = co_await collect(Reader());
        print(x.front(), x.back(), x.size());
        co_await async_with(ACM(print), body);
    });
    expect("1 99 99\ninside\nclosed\n");
}

}  // namespace
}  // namespace aio::tests
