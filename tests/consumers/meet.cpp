// SPDX-License-Identifier: MIT
// A program that loads plug-ins while its loop runs, and works with them on that loop.
#include "failures.hpp"

#include <dlfcn.h>

#include <chrono>
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

Guest& load(const char* path) {
    void* const object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void* const loaded = object ? dlsym(object, "guest") : nullptr;
    if (!loaded) {
        std::fprintf(stderr, "%s\n", dlerror());
        std::_Exit(1);
    }
    return *reinterpret_cast<Guest* (*)()>(loaded)();
}

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
    auto task = guest.start(7);
    check(task.get_name() == "guest" && aio::all_tasks().size() == 2, "one list of tasks");
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
