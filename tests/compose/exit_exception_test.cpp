// SPDX-License-Identifier: MIT
// An ExitException of the program's own leaves the loop from wherever it is thrown.
#include <aio/aio.hpp>
#include <aio/concurrent.hpp>
#include <aio/loop/loop_handle.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <support/nested.hpp>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

// As a binding carries another language's exception through.
class Leave : public ExitException {
public:
    explicit Leave(int value) noexcept : value_(value) {}
    int value() const noexcept { return value_; }
    const char* what() const noexcept override { return "leaving"; }

private:
    int value_;
};
class Special : virtual public Leave {
public:
    Special() noexcept : Leave(7) {}
};
class Hidden : private Leave {
public:
    Hidden() noexcept : Leave(7) {}
};

void leave() { throw Leave(7); }
Coro<> leaving() {
    co_await sleep(0s);
    leave();
}
Coro<> idle() { co_await sleep(1h); }

// What run() throws: "left 7", or something else.
template <class A>
std::string end_of(A&& awaitable) {
    const tests::LogCapture log;  // tasks whose errors nobody looks at
    try {
        run(std::forward<A>(awaitable));
    } catch (const std::exception& error) {
        return std::string("a std::exception: ") + error.what();
    } catch (const Leave& error) {
        return "left " + std::to_string(error.value());
    }
    return "returned";
}

struct Way {
    const char* name;
    std::function<void()> begin;  // in the main task, which is idle then
};

class LeavingProtocol : public Protocol {
public:
    explicit LeavingProtocol(bool at_once) : at_once_(at_once) {}
    void connection_made(Transport&) override {
        if (at_once_) leave();
    }
    void data_received(BytesView) override { leave(); }

private:
    bool at_once_;
};

Coro<> connect_and_write(bool at_once) {
    auto factory = [at_once] { return std::make_shared<LeavingProtocol>(at_once); };
    const Server server = co_await create_server(std::move(factory), "127.0.0.1", 0);
    const auto address = server.sockets()[0].getsockname();
    auto connection = co_await open_connection(address.host(), address.port());
    auto& [reader, writer] = connection;
    writer.write("x");
    co_await reader.read();
}

Coro<> in_a_group() {
    TaskGroup group;
    co_await async_with(group, [](TaskGroup& entered) -> Coro<> {
        entered.create_task(leaving());
        co_await sleep(1h);
    });
}

std::vector<Way> ways() {
    return {
        {"a callback", [] { get_running_loop().call_soon(leave); }},
        {"a timer", [] { get_running_loop().call_later(0s, leave); }},
        {"another thread's callback", [] { get_running_loop().call_soon_threadsafe(leave); }},
        {"another thread's callback by the handle",
         [] { get_running_loop().handle().call_soon_threadsafe(leave); }},
        {"a reader",
         [] {
             static int ends[2];
             ASSERT_EQ(::pipe(ends), 0);
             ASSERT_EQ(::write(ends[1], "x", 1), 1);
             get_running_loop().add_reader(ends[0], [] {
                 get_running_loop().remove_reader(ends[0]);
                 ::close(ends[0]);
                 ::close(ends[1]);
                 leave();
             });
         }},
        {"a signal handler",
         [] {
             get_running_loop().add_signal_handler(SIGUSR1, leave);
             ::kill(::getpid(), SIGUSR1);
         }},
        {"a task", [] { create_task(leaving()); }},
        {"a group's task", [] { create_task(in_a_group()); }},
        {"a gathered task", [] { static_cast<void>(gather(leaving(), sleep(1h))); }},
        {"a done callback",
         [] { create_task(sleep(0s)).add_done_callback([](const AnyFuture&) { leave(); }); }},
        {"an exception handler",
         [] {
             get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext&) { leave(); });
             get_running_loop().call_soon([] { throw ValueError("x"); });
         }},
        {"a task factory",
         [] {
             set_task_factory(get_running_loop(),
                              [](EventLoop&, TaskRequest&) -> AnyTask { throw Leave(7); });
             run_coroutine_threadsafe(sleep(0s), get_running_loop());
         }},
        {"a thread's function, awaited", [] { create_task(to_thread(leave)); }},
        {"another thread's coroutine", [] { run_coroutine_threadsafe(leaving(), get_running_loop()); }},
        {"connection_made()", [] { create_task(connect_and_write(true)); }},
        {"data_received()", [] { create_task(connect_and_write(false)); }},
        {"a result that is an object", [] { create_task(as_result(leaving())); }},
    };
}

Coro<> begin(const Way& way) {
    way.begin();
    co_await idle();
}

TEST(ExitException, LeavesTheLoopFromEverywhere_Thread) {
    for (const Way& way : ways()) EXPECT_EQ(end_of(begin(way)), "left 7") << way.name;
    EXPECT_EQ(end_of(leaving()), "left 7");
}

TEST(ExitException, AndTheLoopRunsAgain_Thread) {
    for (const Way& way : ways()) {
        const tests::LogCapture log;
        EventLoopPtr loop = new_event_loop();
        EXPECT_THROW(loop->run_until_complete(begin(way)), Leave) << way.name;
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        set_task_factory(*loop, {});
        // Whoever awaits what has left, as a group does, leaves once more.
        int result = 0;
        for (int i = 0; i < 2 && result == 0; ++i) {
            try {
                result = loop->run_until_complete(sleep(0s, 5));
            } catch (const Leave&) {
                EXPECT_EQ(i, 0) << way.name;
            }
        }
        EXPECT_EQ(result, 5) << way.name;
    }
}

TEST(ExitException, DerivedOnesLeaveToo) {
    EXPECT_EQ(end_of([]() -> Coro<> {
                  get_running_loop().call_soon([] { throw Special(); });
                  co_await idle();
              }),
              "left 7");
    EXPECT_EQ(end_of([]() -> Coro<> {
                  get_running_loop().call_soon([] { tests::throw_nested(Leave(7), ValueError("cause")); });
                  co_await idle();
              }),
              "left 7");
}

// What no clause for ExitException would catch is an error like others.
TEST(ExitException, PrivateBasesAndPointersDoNotCount) {
    const tests::LogCapture log;
    EventLoopPtr loop = new_event_loop();
    int reports = 0;
    loop->set_exception_handler([&](EventLoop&, const ExceptionContext&) { ++reports; });
    static Leave thrown(1);
    loop->call_soon([] { throw Hidden(); });
    loop->call_soon([] { throw &thrown; });
    loop->call_soon([] { throw 1; });
    loop->stop();
    loop->run_forever();
    EXPECT_EQ(reports, 3);
}

TEST(ExitException, IsCaughtByItsOwnNameOnly) {
    const auto caught = [](auto error) {
        try {
            throw error;
        } catch (const std::exception&) {
            return "std::exception";
        } catch (const CancelledError&) {
            return "CancelledError";
        } catch (const ExitException&) {
            return "ExitException";
        }
    };
    EXPECT_STREQ(caught(Leave(1)), "ExitException");
    EXPECT_STREQ(caught(KeyboardInterrupt()), "ExitException");
    EXPECT_STREQ(caught(SystemExit(2)), "ExitException");
    EXPECT_EQ(format_exception(std::make_exception_ptr(SystemExit(2))), "aio::SystemExit");
    EXPECT_TRUE(format_exception(std::make_exception_ptr(Leave(1))).ends_with("Leave: leaving"));
}

TEST(ExitException, UncaughtItEndsTheProcessAsAnErrorDoes) {
    EXPECT_EQ(tests::run_in_child([] { run(leaving()); }), "signal " + std::to_string(SIGABRT));
}

}  // namespace
}  // namespace aio
