// SPDX-License-Identifier: MIT
// Callbacks of the loop, and the destructors of what they were given.
#include <hostile/actions.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <csignal>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// A callable with nothing but a destructor.
auto armed(World& w) {
    return [hostile = Hostile(w)] {};
}

TEST(HostileLoop, CallSoon) {
    everything(has::exceptions, [](World& w) {
        w.handle = w.loop->call_soon([&w] { w.strike("callback", 1); });
        w.turns();
    });
}
TEST(HostileLoop, CallSoonArgument) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon(armed(w));
        w.turns();
    });
}
TEST(HostileLoop, CallSoonArgumentCancelled) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon(armed(w));
        w.handle.cancel();
        w.turns();
    });
}
TEST(HostileLoop, CallSoonArgumentCancelledInTheLoop) {
    everything(has::nothing, [](World& w) {
        w.loop->call_soon([&w] { w.handle.cancel(); });
        w.handle = w.loop->call_soon(armed(w));
        w.turns();
    });
}
TEST(HostileLoop, CallSoonArgumentOfAClosedLoop) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon(armed(w));
        w.loop->call_soon([] {});
        w.loop->close();
    });
}

TEST(HostileLoop, CallSoonThreadsafe) {
    everything(has::exceptions, [](World& w) {
        w.handle = w.loop->call_soon_threadsafe([&w] { w.strike("callback", 1); });
        w.turns();
    });
}
TEST(HostileLoop, CallSoonThreadsafeArgument) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon_threadsafe(armed(w));
        w.turns();
    });
}
TEST(HostileLoop, CallSoonThreadsafeArgumentCancelled) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon_threadsafe(armed(w));
        w.handle.cancel();
        w.turns();
    });
}
TEST(HostileLoop, CallSoonThreadsafeArgumentOfAClosedLoop) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon_threadsafe(armed(w));
        w.loop->call_soon_threadsafe([] {});
        w.loop->close();
    });
}

TEST(HostileLoop, CallLater) {
    everything(has::exceptions, [](World& w) {
        w.timer = w.loop->call_later(0s, [&w] { w.strike("callback", 1); });
        w.turns();
    });
}
TEST(HostileLoop, CallLaterArgument) {
    everything(has::nothing, [](World& w) {
        w.timer = w.loop->call_later(0s, armed(w));
        w.turns();
    });
}
TEST(HostileLoop, CallLaterArgumentCancelled) {
    everything(has::nothing, [](World& w) {
        w.timer = w.loop->call_later(1h, armed(w));
        w.timer.cancel();
        w.turns();
    });
}
TEST(HostileLoop, CallLaterArgumentCancelledInTheLoop) {
    everything(has::nothing, [](World& w) {
        w.loop->call_soon([&w] { w.timer.cancel(); });
        w.timer = w.loop->call_later(1h, armed(w));
        w.turns();
    });
}
TEST(HostileLoop, CallLaterArgumentOfAClosedLoop) {
    everything(has::nothing, [](World& w) {
        w.timer = w.loop->call_later(1h, armed(w));
        const TimerHandle other = w.loop->call_later(2h, [] {});
        w.loop->close();
    });
}

TEST(HostileLoop, Reader) {
    everything(has::exceptions | has::descriptor, [](World& w) {
        SocketPair pair;
        pair.b.send("x");
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_reader(w.ours.fd, [&w] { w.strike("reader"); });
        w.turns();
    });
}
TEST(HostileLoop, Writer) {
    everything(has::exceptions | has::descriptor, [](World& w) {
        SocketPair pair;
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_writer(w.ours.fd, [&w] { w.strike("writer"); });
        w.turns();
    });
}
TEST(HostileLoop, ReaderAndWriterAtOnce) {
    everything(has::exceptions | has::descriptor, [](World& w) {
        SocketPair pair;
        w.ours = std::move(pair.a);
        pair.b.close();
        w.handle = w.loop->add_reader(w.ours.fd, [&w] { w.strike("reader"); });
        w.loop->add_writer(w.ours.fd, [&w] { w.strike("writer"); });
        w.turns();
    });
}
TEST(HostileLoop, ReaderReplaced) {
    everything(has::descriptor, [](World& w) {
        SocketPair pair;
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_reader(w.ours.fd, armed(w));
        w.loop->add_reader(w.ours.fd, [] {});
        w.turns();
    });
}
TEST(HostileLoop, ReaderRemoved) {
    everything(has::descriptor, [](World& w) {
        SocketPair pair;
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_reader(w.ours.fd, armed(w));
        w.loop->add_writer(w.ours.fd, [] {});
        w.loop->remove_reader(w.ours.fd);
        w.turns();
    });
}
TEST(HostileLoop, ReaderCancelledWhileItRuns) {
    everything(has::descriptor, [](World& w) {
        SocketPair pair;
        pair.b.send("x");
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_reader(w.ours.fd, [&w, hostile = Hostile(w)] { w.handle.cancel(); });
        w.turns();
    });
}
TEST(HostileLoop, ReaderRemovedWhileItRuns) {
    everything(has::descriptor, [](World& w) {
        SocketPair pair;
        pair.b.send("x");
        w.ours = std::move(pair.a);
        w.handle =
            w.loop->add_reader(w.ours.fd, [&w, hostile = Hostile(w)] { w.loop->remove_reader(w.ours.fd); });
        w.turns();
    });
}
TEST(HostileLoop, ReaderOfAClosedLoop) {
    everything(has::descriptor, [](World& w) {
        SocketPair pair;
        w.ours = std::move(pair.a);
        w.handle = w.loop->add_reader(w.ours.fd, armed(w));
        w.loop->add_reader(pair.b.fd, [] {});
        w.loop->close();
    });
}

TEST(HostileLoop, SignalHandler) {
    everything(has::exceptions | has::signal, [](World& w) {
        w.loop->add_signal_handler(SIGUSR2, [] {});  // another one beside it
        w.loop->add_signal_handler(SIGUSR1, [&w] { w.strike("handler", 1); });
        ::raise(SIGUSR1);
        w.turns();
    });
}
TEST(HostileLoop, SignalHandlerReplaced) {
    everything(has::signal, [](World& w) {
        w.loop->add_signal_handler(SIGUSR1, armed(w));
        w.loop->add_signal_handler(SIGUSR1, [] {});
        w.turns();
    });
}
TEST(HostileLoop, SignalHandlerRemoved) {
    everything(has::signal, [](World& w) {
        w.loop->add_signal_handler(SIGUSR1, armed(w));
        w.loop->remove_signal_handler(SIGUSR1);
        w.turns();
    });
}
TEST(HostileLoop, SignalHandlerOfAClosedLoop) {
    everything(has::signal, [](World& w) {
        w.loop->add_signal_handler(SIGUSR1, armed(w));
        w.loop->add_signal_handler(SIGUSR2, [] {});
        w.loop->close();
    });
}

TEST(HostileLoop, ExceptionHandler) {
    everything(has::exceptions, [](World& w) {
        w.loop->set_exception_handler([&w](EventLoop&, const ExceptionContext&) { w.strike("handler"); });
        w.loop->call_soon([] { throw std::runtime_error("to be reported"); });
        w.turns();
        w.thrown = 0;  // what an exception handler throws is logged
    });
}
TEST(HostileLoop, ExceptionHandlerReplaced) {
    everything(has::nothing, [](World& w) {
        w.loop->set_exception_handler([hostile = Hostile(w)](EventLoop&, const ExceptionContext&) {});
        w.loop->set_exception_handler(nullptr);
        w.turns();
    });
}
TEST(HostileLoop, ExceptionHandlerOfADroppedLoop) {
    everything(has::nothing, [](World& w) {
        w.loop->set_exception_handler([hostile = Hostile(w)](EventLoop&, const ExceptionContext&) {});
        w.turns();
    });
}

TEST(HostileLoop, LogHandler) {
    everything(has::exceptions, [](World& w) {
        w.loop->set_exception_handler(nullptr);
        LogHandler before = set_log_handler([&w](LogLevel, std::string_view) { w.strike("log"); });
        w.loop->call_soon([] { throw std::runtime_error("to be logged"); });
        w.turns();
        set_log_handler(std::move(before));
        w.thrown = w.thrown_interrupts = 0;  // what a log handler throws is ignored
    });
}

TEST(HostileLoop, PollHooks) {
    everything(has::nothing, [](World& w) {
        const auto hook = [](void* world) { static_cast<World*>(world)->strike("hook"); };
        w.loop->set_poll_hooks(hook, hook, &w);
        w.turns();
        if (w.up()) w.loop->set_poll_hooks(nullptr, nullptr, nullptr);
    });
}

TEST(HostileLoop, ClockIsIdle) {
    struct Foreign final : Clock {
        explicit Foreign(World& world) : w(world) {}
        TimePoint now() noexcept override { return TimePoint(); }
        Duration idle(EventLoop&, std::optional<TimePoint>) override {
            w.loop->stop();
            w.strike("clock");
            return Duration::zero();
        }
        World& w;
    };
    everything(has::exceptions, [](World& w) {
        w.loop = new_event_loop(LoopOptions().clock(std::make_shared<Foreign>(w)));
        try {
            w.loop->run_forever();
        } catch (const std::runtime_error&) {
            ++w.errors;
        } catch (const KeyboardInterrupt&) {
            ++w.interrupts;
        }
        w.turns();
    });
}

ContextVar<std::shared_ptr<Hostile>> variable("variable");

TEST(HostileLoop, ContextValueOfAHandle) {
    everything(has::nothing, [](World& w) {
        Context context;
        context.run([&] { variable.set(std::make_shared<Hostile>(w)); });
        w.handle = w.loop->call_soon(context, [] {});
        context = Context();
        w.turns();
        w.handle = Handle();
    });
}
TEST(HostileLoop, ContextValueOfACancelledHandle) {
    everything(has::nothing, [](World& w) {
        Context context;
        context.run([&] { variable.set(std::make_shared<Hostile>(w)); });
        w.handle = w.loop->call_later(context, 1h, [] {});
        context = Context();
        w.handle.cancel();
        w.handle = Handle();
        w.turns();
    });
}
TEST(HostileLoop, ContextValueReplaced) {
    everything(has::nothing, [](World& w) {
        w.handle = w.loop->call_soon([&w] {
            variable.set(std::make_shared<Hostile>(w));
            variable.set(nullptr);
        });
        w.turns();
    });
}

}  // namespace
}  // namespace aio::tests
