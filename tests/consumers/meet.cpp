// SPDX-License-Identifier: MIT
// A program that loads plug-ins while its loop runs, and works with them on that loop.
#include "failures.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <aio/base/pool.hpp>

namespace {

using namespace std::chrono_literals;
using Failure = Guest::Failure;

constexpr Failure kFailures[] = {Failure::runtime, Failure::timeout,   Failure::incomplete,
                                 Failure::group,   Failure::cancelled, Failure::exits};

void check(bool right, const char* what) {
    if (right) return;
    std::fprintf(stderr, "wrong: %s\n", what);
    std::_Exit(1);
}

void* open(const char* path) {
    void* const object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object) return object;
    std::fprintf(stderr, "%s\n", dlerror());
    std::_Exit(1);
}

Guest& guest_of(void* object) {
    void* const loaded = dlsym(object, "guest");
    check(loaded != nullptr, "a guest has its function");
    return *reinterpret_cast<Guest* (*)()>(loaded)();
}

Guest& load(const char* path) { return guest_of(open(path)); }

aio::ContextVar<int>& variable() {
    static aio::ContextVar<int> the_variable("variable", 0);
    return the_variable;
}

aio::Coro<> failing(Failure failure) {
    co_await aio::sleep(0s);
    fail(failure);
}

aio::Coro<> fails_as_expected(Guest& guest, Failure failure) {
    try {
        co_await guest.fail_later(failure);
        check(false, "the guest's coroutine throws");
    } catch (...) {
        check(handles(failure), "the host catches what the guest's coroutine throws");
    }
    const bool caught = co_await guest.catches(failing(failure), failure);
    check(caught, "the guest catches what the host's coroutine throws");
}

void calls(Guest& guest) {
    check(guest.sees(aio::get_running_loop(), aio::current_task(), variable(), variable().get(),
                     &aio::pool::detail::cache),
          "one loop, task, context and pool");
    guest.set(variable(), 2);
    check(variable().get() == 2, "one context");
    for (const Failure failure : kFailures) {
        try {
            guest.fail(failure);
            check(false, "the guest throws");
        } catch (...) {
            check(handles(failure), "the host catches what the guest throws");
        }
    }
}

aio::Coro<> tasks(Guest& guest) {
    const std::size_t before = aio::all_tasks().size();
    auto task = guest.start(7);
    check(task.get_name() == "guest" && aio::all_tasks().size() == before + 1, "one list of tasks");
    const int twice = co_await task;
    check(twice == 14, "the host awaits the guest's task");
    auto both = co_await aio::gather(guest.work(1), aio::create_task(guest.work(2)));
    check(std::get<0>(both) == 2 && std::get<1>(both) == 4, "the guest's coroutines are gathered");
    auto cancelled = guest.start(1);
    cancelled.cancel();
    const std::vector<aio::Task<int>> waited(1, cancelled);
    co_await aio::wait(waited);
    check(cancelled.cancelled(), "the guest's task is cancelled");
    for (const Failure failure : kFailures) co_await fails_as_expected(guest, failure);
}

aio::Coro<> connections(Guest& guest) {
    auto factory = [&guest] { return guest.protocol(); };
    aio::Server server = co_await aio::create_server(std::move(factory), "127.0.0.1", 0);
    const auto address = server.sockets()[0].getsockname();
    auto connection = co_await aio::open_connection(address.host(), address.port());
    auto& [reader, writer] = connection;
    writer.write("a line\n");
    const std::string line = co_await reader.readline();
    check(line == "a line\n", "a connection by the guest's protocol");
    writer.close();
    co_await writer.wait_closed();
    server.close();
    co_await server.wait_closed();
}

// What is done around a fork() is done once, however many copies of aio's code were loaded.
void forks() {
    sigset_t before;
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    const pid_t child = fork();
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    const bool same = sigismember(&before, SIGUSR1) == sigismember(&after, SIGUSR1);
    if (child == 0) std::_Exit(same ? 0 : 1);
    int status = 1;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0,
          "a forked child sees the same signals");
    check(same, "a process that has forked sees the same signals");
}

aio::Coro<> everything(Guest& guest) {
    variable().set(1);
    calls(guest);
    co_await tasks(guest);
    co_await connections(guest);
    forks();
    guest.set_task_factory();
    const int twice = co_await guest.start(4);
    check(twice == 8, "a task made by the guest's own factory");
    aio::set_task_factory(aio::get_running_loop(), nullptr);
}

// A plug-in is closed while the loop runs that it has worked on. Nothing of it is left: what it has set in a
// context goes with the task.
aio::Coro<> visit(const char* path) {
    for (int i = 0; i < 3; ++i) {  // the next copy may stand where the last one stood
        void* const object = open(path);
        const bool may_stay = guest_of(object).may_stay();
        co_await aio::create_task(everything(guest_of(object)));
        dlclose(object);
        void* const still_there = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
        check(!still_there || may_stay, "a guest that is closed is gone");
        if (still_there) dlclose(still_there);
        forks();
        auto own = aio::create_task(aio::sleep(1ms, 5));
        check(aio::all_tasks().size() == 2, "only the host's tasks are left");
        const int slept = co_await own;
        check(slept == 5, "the loop goes on without the guest");
    }
}

aio::Coro<> amain(std::vector<std::string> paths) {
    std::vector<Guest*> guests;
    for (const std::string& path : paths) {
        variable().set(1);
        guests.push_back(&load(path.c_str()));
        calls(*guests.back());
        co_await tasks(*guests.back());
        co_await connections(*guests.back());
    }
    // Who makes the tasks of all there are makes those of the others.
    for (Guest* const maker : guests) {
        maker->set_task_factory();
        for (Guest* const other : guests) {
            const int twice = co_await other->start(4);
            check(twice == 8, "a task of one guest made by another one's factory");
        }
        auto own = aio::create_task(aio::sleep(0s, 5));
        const int slept = co_await own;
        check(slept == 5, "a task of the host made by a guest's factory");
    }
    std::puts("all met");
}

// Ends the loop that it is called by.
aio::Coro<> exits(Guest* guest) {
    aio::get_running_loop().call_soon([guest] { guest->fail(Failure::exits); });
    co_await aio::sleep(1h);
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) aio::run(visit(argv[i]));
    aio::run(amain(std::vector<std::string>(argv + 1, argv + argc)));
    for (int i = 1; i < argc; ++i) {
        try {
            aio::run(exits(&load(argv[i])));
            check(false, "SystemExit of a guest's callback leaves the loop");
        } catch (...) {
            check(handles(Failure::exits), "the host catches the guest's SystemExit");
        }
    }
    return 0;
}
