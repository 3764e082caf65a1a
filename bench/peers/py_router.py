# SPDX-License-Identifier: MIT
"""Look-ups among 1,000 routes of aiohttp: py_router.py BENCH N"""
import asyncio
import json
import resource
import sys
import time

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

ROUTES = 1000
PATHS = {
    "route_plain": ("/api/resource{}/items", "/api/resource{}/items"),
    "route_variable": ("/api/resource{}/items/{{id}}", "/api/resource{}/items/12345"),
    "route_digits": ("/api/resource{}/{{id:\\d+}}/items", "/api/resource{}/12345/items"),
    "route_behind": ("/repos/{{owner}}/{{name}}/action{}", "/repos/ada/engine/action{}"),
    "route_none": ("/api/resource{}/items", "/api/resource{}/none"),
}


async def handler(request):
    return web.Response()


async def main(bench, n):
    route, sent = PATHS[bench]
    router = web.UrlDispatcher()
    for i in range(ROUTES):
        router.add_get(route.format(i), handler)
    requests = [make_mocked_request("GET", sent.format(i)) for i in range(ROUTES)]
    start, cpu = time.perf_counter(), time.process_time()
    following = 0
    for _ in range(n):
        following = (following + 617) % ROUTES
        await router.resolve(requests[following])
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"bench": bench, "n": n, "ns": wall / n * 1e9, "cpu_ns": cpu / n * 1e9, "rss_mb": peak}))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
