// SPDX-License-Identifier: MIT
// What several subprocesses print, line by line as it comes: `tail -f` of all of them at once.
//
//     async def tail(name, command):
//         process = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
//         async for line in process.stdout:
//             print(f"{name}: {line.decode()}", end="")
//         print(f"{name} ended with", await process.wait())
//
//     async with asyncio.TaskGroup() as group:
//         for name, command in commands:
//             group.create_task(tail(name, command))
#include <aio/aio.hpp>
#include <aio/subprocess.hpp>

#include <iostream>
#include <string>

namespace subprocess = aio::subprocess;

aio::Coro<> tail(std::string name, std::string command) {
    auto process =
        co_await aio::create_subprocess_shell(command, subprocess::Options().stdout(subprocess::PIPE));
    while (auto line = co_await process.stdout().next_line()) std::cout << name << ": " << *line;
    const int code = co_await process.wait();
    std::cout << name << " ended with " << code << '\n';
}

aio::Coro<> amain() {
    co_await aio::async_with(aio::TaskGroup(), [](aio::TaskGroup& group) -> aio::Coro<> {
        group.create_task(tail("numbers", "seq 3"));
        group.create_task(tail("letters", "printf 'a\\nb\\nc\\n'; exit 2"));
        group.create_task(tail("killed", "echo last words; kill -9 $$"));
        co_return;
    });
    std::cout << "all have ended\n";
}

int main() { return aio::run(amain()); }
