# SPDX-License-Identifier: MIT
"""aiohttp's web client, 64 requests at once: py_client.py LOOP URL N, where LOOP is asyncio or uvloop."""
import asyncio
import json
import resource
import sys
import time

import aiohttp
import yarl

IN_FLIGHT = 64


async def fetch(session, url, left):
    for _ in left:
        async with session.get(url) as response:
            body = await response.read()
            if response.status != 200 or not body:
                sys.exit("no answer")


async def fetch_all(session, url, count):
    left = iter(range(count))
    await asyncio.gather(*(fetch(session, url, left) for _ in range(IN_FLIGHT)))


async def main(url, n):
    async with aiohttp.ClientSession() as session:
        await fetch_all(session, yarl.URL(url), IN_FLIGHT)
        start, cpu = time.perf_counter(), time.process_time()
        await fetch_all(session, yarl.URL(url), n)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"bench": url, "n": n, "ns": wall / n * 1e9, "cpu_ns": cpu / n * 1e9, "rss_mb": peak}))


if sys.argv[1] == "uvloop":
    import uvloop
    uvloop.install()
asyncio.run(main(sys.argv[2], int(sys.argv[3])))
