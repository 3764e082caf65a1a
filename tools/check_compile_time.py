#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds `#include <aio/aio.hpp>` to its compile-time budget, which is counted in the compiler's user instructions: these do
not depend on what else runs or how fast the machine is just now, and compiling once gives the same number as often.

usage: check_compile_time.py [--asio]

The budget for a hello coroutine is a third of what the same program takes on <boost/asio.hpp>. Valgrind needs minutes to
count that, so the number is written down here; --asio counts it in the same run and compares with that. It needs
libboost1.81-dev, which ./dev bench installs.
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COMPILER = "clang++-19"
# Counted with Boost 1.81, clang 19.1 at -O0, libstdc++ 12.
ASIO_INSTRUCTIONS = 10_669_000_000
ROOT = Path(__file__).resolve().parent.parent

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


def instructions(folder, name, source):
    """The user instructions that the compiler needs for a program."""
    path = Path(folder) / f"{name}.cpp"
    path.write_text(source, encoding="utf-8")
    count = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    compiler = [COMPILER, "-std=c++20", "-O0", "-I", str(ROOT), "-c", str(path), "-o", f"{path}.o"]
    done = subprocess.run([*count, *compiler], capture_output=True, text=True, check=False)
    counts = re.findall(r"^==\d+== I +refs: +([\d,]+)", done.stderr, re.M)
    if done.returncode != 0 or len(counts) != 1:
        sys.exit(f"the {name} program was not compiled and counted:\n{done.stdout}{done.stderr}")
    return int(counts[0].replace(",", ""))


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    count_asio = "--asio" in sys.argv
    programs = {"aio": AIO, "asio": ASIO} if count_asio else {"aio": AIO}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        counts = dict(zip(programs, pool.map(lambda item: instructions(folder, *item), programs.items())))
    aio = counts["aio"]
    asio = counts["asio"] if count_asio else ASIO_INSTRUCTIONS
    print(f"aio {aio / 1e9:.3f} G instructions, budget {asio / 3e9:.3f} G, a third of Boost.Asio's {asio / 1e9:.3f} G "
          f"{'in this run' if count_asio else 'as written down'}")
    return 0 if 3 * aio <= asio else 1


if __name__ == "__main__":
    sys.exit(main())
