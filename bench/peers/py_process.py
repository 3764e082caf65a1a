# SPDX-License-Identifier: MIT
"""Child processes in Python, and by socat: py_process.py {subprocess|asyncio|socat} BENCH N; see process_bench.cpp"""
import asyncio
import json
import os
import resource
import subprocess
import sys
import time

api, bench, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
BLOCK = 64 * 1024


def subprocess_spawn_true():
    for _ in range(n):
        subprocess.run(["true"], check=True)


async def asyncio_spawn_true():
    for _ in range(n):
        child = await asyncio.create_subprocess_exec("true")
        await child.wait()


async def asyncio_cat():
    child = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    async def feed():
        block = bytes(BLOCK)
        for _ in range(n):
            child.stdin.write(block)
            await child.stdin.drain()
        child.stdin.close()

    feeding = asyncio.create_task(feed())
    while await child.stdout.read(4 * BLOCK):
        pass
    await feeding
    await child.wait()


def socat_cat():
    """The CPU time of socat alone, in seconds: without that of its child."""
    command = ["socat", "-b", str(BLOCK), f"OPEN:/dev/zero,readbytes={n * BLOCK}!!OPEN:/dev/null,wronly",
               "EXEC:cat,pipes"]
    socat = subprocess.Popen(command)
    os.waitid(os.P_PID, socat.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{socat.pid}/schedstat") as times:
        cpu = int(times.read().split()[0]) / 1e9
    if socat.wait():
        sys.exit("socat failed")
    return cpu


benches = {
    ("subprocess", "spawn_true"): subprocess_spawn_true,
    ("asyncio", "spawn_true"): lambda: asyncio.run(asyncio_spawn_true()),
    ("asyncio", "cat"): lambda: asyncio.run(asyncio_cat()),
    ("socat", "cat"): socat_cat,
}
if (api, bench) not in benches:
    sys.exit(f"no such benchmark: {bench}")
resident = b"x" * (1 << 30 if bench == "spawn_true" else 1)
wall, cpu = time.perf_counter(), time.process_time()
of_another = benches[api, bench]()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
times = {"ns": wall / n * 1e9, "cpu_ns": (of_another or cpu) / n * 1e9}
print(json.dumps({"bench": bench, "n": n, **times, "rss_mb": memory}))
