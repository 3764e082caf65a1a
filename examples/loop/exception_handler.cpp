// SPDX-License-Identifier: MIT
// Errors that nobody awaits reach the loop's exception handler: an exception of a callback, and one of a task
// whose result nobody asked for.
//
//     def handler(loop, context):
//         print(context["message"], "|", context.get("exception"))
//
//     loop.set_exception_handler(handler)
#include <aio/aio.hpp>

#include <iostream>
#include <stdexcept>

using namespace std::chrono_literals;

void handler(aio::EventLoop&, const aio::ExceptionContext& context) {
    std::cout << "handler: " << context.message() << " | " << aio::describe(context.exception()) << '\n';
}

aio::Coro<> fail() {
    co_await aio::sleep(50ms);
    throw std::runtime_error("a task's error");
}

void broken_callback() { throw std::runtime_error("a callback's error"); }

aio::Coro<> amain() {
    aio::EventLoop& loop = aio::get_running_loop();
    loop.set_exception_handler(handler);

    loop.call_soon(broken_callback);
    aio::create_task(fail());  // nobody keeps the handle, so nobody can ask for the result
    co_await aio::sleep(100ms);

    // An awaited error is not the handler's business.
    try {
        co_await fail();
    } catch (const std::exception& error) {
        std::cout << "caught: " << error.what() << '\n';
    }

    // Programs may report things, too.
    loop.call_exception_handler(aio::ExceptionContext("the printer is on fire")
                                    .exception(std::make_exception_ptr(std::runtime_error("fire"))));
}

int main() { return aio::run(amain()); }
