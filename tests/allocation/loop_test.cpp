// SPDX-License-Identifier: MIT
// Memory runs out: loops, callbacks, timers, descriptors.
#include <aio/loop/loop_handle.hpp>
#include <allocation/scene.hpp>
#include <support/fd.hpp>

#include <gtest/gtest.h>
#include <csignal>

AIO_REPLACE_OPERATOR_NEW();

namespace aio::tests {
namespace {

// An iteration.
void turn(EventLoop& loop) {
    loop.stop();
    loop.run_forever();
}

TEST(AllocationLoop, NewEventLoop) {
    out_of_memory([](Scene& scene) {
        const EventLoopPtr other = new_event_loop();
        scene.complete = true;
    });
}
TEST(AllocationLoop, CallSoon) {
    out_of_memory([](Scene& scene) {
        scene.loop->call_soon([&scene, counted = Counted()] { scene.complete = true; });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, CallSoonOften) {
    out_of_memory([](Scene& scene) {
        for (int i = 0; i < 600; ++i) scene.loop->call_soon([&scene, counted = Counted()] { ++scene.count; });
        turn(*scene.loop);
        scene.complete = scene.count == 600;
    });
}
TEST(AllocationLoop, CallSoonThreadsafe) {
    out_of_memory([](Scene& scene) {
        scene.loop->call_soon_threadsafe([&scene, counted = Counted()] { scene.complete = true; });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, CallSoonThreadsafeOfAHandle) {
    out_of_memory([](Scene& scene) {
        const LoopHandle handle = scene.loop->handle();
        handle.call_soon_threadsafe([&scene, counted = Counted()] { scene.complete = true; });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, CallLater) {
    out_of_memory([](Scene& scene) {
        for (int i = 0; i < 40; ++i)
            scene.loop->call_later(0s, [&scene, counted = Counted()] { ++scene.count; });
        TimerHandle later = scene.loop->call_later(1h, [counted = Counted()] {});
        turn(*scene.loop);
        later.cancel();
        scene.complete = scene.count == 40;
    });
}
TEST(AllocationLoop, ACallbackThatThrows) {
    out_of_memory([](Scene& scene) {
        scene.loop->call_soon([counted = Counted()] { throw ValueError("to be reported"); });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, DefaultExceptionHandler) {
    out_of_memory([](Scene& scene) {
        scene.loop->set_exception_handler(nullptr);
        const LogHandler before =
            set_log_handler([&scene](LogLevel, std::string_view) { scene.told = true; });
        struct Restore {
            const LogHandler& handler;
            ~Restore() { set_log_handler(handler); }
        } const restore{before};
        scene.loop->call_soon([counted = Counted()] { throw ValueError("to be logged"); });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, SetExceptionHandler) {
    out_of_memory([](Scene& scene) {
        scene.loop->set_exception_handler(
            [&scene, counted = Counted()](EventLoop&, const ExceptionContext&) { ++scene.reports; });
        scene.complete = true;
    });
}
TEST(AllocationLoop, Reader) {
    out_of_memory([](Scene& scene) {
        SocketPair pair;
        pair.b.send("x");
        EventLoop& loop = *scene.loop;
        struct Remove {
            EventLoop& loop;
            int fd;
            ~Remove() {
                loop.remove_reader(fd);
                loop.remove_writer(fd);
            }
        } const remove{loop, pair.a.fd};
        bool writable = false;
        loop.add_reader(pair.a.fd, [&scene, counted = Counted()] { scene.complete = true; });
        loop.add_writer(pair.a.fd, [&writable, counted = Counted()] { writable = true; });
        turn(loop);
        turn(loop);
        scene.complete = scene.complete && writable;
    });
}
TEST(AllocationLoop, SignalHandler) {
    out_of_memory([](Scene& scene) {
        scene.loop->add_signal_handler(SIGUSR1, [&scene, counted = Counted()] { scene.complete = true; });
        ::raise(SIGUSR1);
        turn(*scene.loop);
        turn(*scene.loop);
        scene.loop->remove_signal_handler(SIGUSR1);
    });
}
TEST(AllocationLoop, ContextVariables) {
    static const ContextVar<std::string> variable("variable", "default");
    out_of_memory([](Scene& scene) {
        Context context = copy_context();
        context.run([] { variable.set("a value that is longer than what a string holds in itself"); });
        scene.loop->call_soon(context, [&scene] { scene.complete = variable.get().size() > 20; });
        turn(*scene.loop);
    });
}
TEST(AllocationLoop, Debug) {
    out_of_memory([](Scene& scene) {
        scene.loop->set_debug(true);
        scene.loop->call_soon([&scene, counted = Counted()] { scene.complete = true; });
        turn(*scene.loop);
    });
}

}  // namespace
}  // namespace aio::tests
