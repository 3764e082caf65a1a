#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds `#include <aio/aio.hpp>` to its compile-time budget: a hello coroutine may cost at most a third of the same
program on <boost/asio.hpp>, compiled by the same compiler on the same machine in the same run.

usage: check_compile_time.py [--runs N]

Both are compiled in turns (clang++-19 -O0 -c). Where the machine counts user instructions (perf) those are compared,
because they do not depend on what else runs; otherwise the user CPU time. Medians, five runs each.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGET = 1 / 3
COMPILER = "clang++-19"

AIO = """\
#include <aio/aio.hpp>

#include <cstdio>

using namespace std::chrono_literals;

aio::Coro<> amain() {
    std::puts("hello");
    co_await aio::sleep(1ms);
    std::puts("world");
}

int main() { return aio::run(amain()); }
"""

ASIO = """\
#include <boost/asio.hpp>

#include <cstdio>

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<void> amain() {
    std::puts("hello");
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    std::puts("world");
}

int main() {
    asio::io_context context;
    asio::co_spawn(context, amain(), asio::detached);
    context.run();
}
"""


def user_seconds(command):
    """User CPU seconds of a command and the processes it starts."""
    before = os.times().children_user
    subprocess.run(command, check=True)
    return os.times().children_user - before


def instructions(command):
    """User instructions of a command, or None where they cannot be counted."""
    if not shutil.which("perf"):
        return None
    done = subprocess.run(
        ["perf", "stat", "-x,", "-e", "instructions:u", "--", *command], capture_output=True, text=True, check=False
    )
    match = re.search(r"^(\d+),[^,]*,instructions:u", done.stderr, re.M)
    return int(match[1]) if done.returncode == 0 and match else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for name, source in (("aio", AIO), ("asio", ASIO)):
            path = Path(folder) / f"{name}.cpp"
            path.write_text(source, encoding="utf-8")
            commands[name] = [COMPILER, "-std=c++20", "-O0", "-I", str(root), "-c", str(path), "-o", f"{path}.o"]
            try:  # also warms the file cache
                subprocess.run(commands[name], check=True)
            except subprocess.CalledProcessError:
                print(f"the {name} program does not compile")
                return 1
        counted = instructions(commands["aio"]) is not None
        measure, unit, scale = (instructions, "G instructions", 1e9) if counted else (user_seconds, "s user", 1)
        samples = {"aio": [], "asio": []}
        for _ in range(runs):
            for name, command in commands.items():
                samples[name].append(measure(command) / scale)
    aio, asio = (statistics.median(samples[name]) for name in ("aio", "asio"))
    ratio = aio / asio
    print(f"aio {aio:.2f} {unit}, asio {asio:.2f} {unit}, ratio {ratio:.2f}, budget {BUDGET:.2f}")
    return 0 if ratio <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
