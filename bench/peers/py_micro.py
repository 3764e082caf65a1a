# SPDX-License-Identifier: MIT
"""The microbenchmarks in Python: py_micro.py {asyncio|uvloop} BENCH N"""
import asyncio
import json
import resource
import sys
import threading
import time

loop_name, bench, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


async def child(i):
    return i


async def call():
    for i in range(n):
        await child(i)


async def spawn():
    for i in range(n):
        await asyncio.create_task(child(i))


async def gather(width):
    for _ in range(0, n, width):
        await asyncio.gather(*[child(i) for i in range(width)])


async def yield_():
    for _ in range(n):
        await asyncio.sleep(0)


async def sleep():
    async def sleeper():
        await asyncio.sleep(2)

    tasks = [asyncio.create_task(sleeper()) for _ in range(n)]
    for task in tasks:
        await task


async def timer():
    loop = asyncio.get_running_loop()
    for i in range(n):
        loop.call_later(10, print).cancel()
        if not i & 63:
            await asyncio.sleep(0)


async def post():
    loop = asyncio.get_running_loop()
    count = 0

    def callback():
        nonlocal count
        count += 1

    for i in range(n):
        loop.call_soon(callback)
        if i & 1023 == 1023:
            await asyncio.sleep(0)


async def to_thread():
    def work(i):
        return i

    for i in range(n):
        await asyncio.to_thread(work, i)


async def post_thread(batch):
    loop = asyncio.get_running_loop()
    ran = threading.Semaphore(0)
    done = loop.create_future()

    def poster():
        for _ in range(0, n, batch):
            for _ in range(batch - 1):
                loop.call_soon_threadsafe(int)
            loop.call_soon_threadsafe(ran.release)
            ran.acquire()
        loop.call_soon_threadsafe(done.set_result, None)

    thread = threading.Thread(target=poster)
    thread.start()
    await done
    thread.join()


async def pingpong():
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def pong():
        for _ in range(n):
            await back.put(await there.get())

    other = asyncio.create_task(pong())
    for i in range(n):
        await there.put(i)
        await back.get()
    await other


async def queue():
    items = asyncio.Queue(1024)

    async def fill():
        for i in range(n):
            await items.put(i)

    producer = asyncio.create_task(fill())
    for _ in range(n):
        await items.get()
    await producer


async def lock():
    shared = asyncio.Lock()

    async def hand_over():
        await shared.acquire()
        for _ in range(n // 2):
            shared.release()
            await shared.acquire()
        shared.release()

    await shared.acquire()
    tasks = [asyncio.create_task(hand_over()) for _ in range(2)]
    await asyncio.sleep(0)
    shared.release()
    await asyncio.gather(*tasks)


async def event():
    asked, answered = asyncio.Event(), asyncio.Event()

    async def answer():
        for _ in range(n // 2):
            await asked.wait()
            asked.clear()
            answered.set()

    other = asyncio.create_task(answer())
    for _ in range(n // 2):
        asked.set()
        await answered.wait()
        answered.clear()
    await other


async def future_wake():
    loop = asyncio.get_running_loop()
    slots = [None, None]

    async def take_turns(mine):
        for i in range(n // 2):
            slots[mine] = loop.create_future()
            if slots[1 - mine]:
                slots[1 - mine].set_result(i)
            await slots[mine]
        if not slots[1 - mine].done():
            slots[1 - mine].set_result(0)

    await asyncio.gather(take_turns(0), take_turns(1))


async def wait_for():
    for i in range(n):
        await asyncio.wait_for(child(i), 1)


async def timeout():
    for _ in range(n):
        async with asyncio.timeout(1):
            pass


async def cancel():
    for _ in range(n):
        task = asyncio.create_task(asyncio.sleep(2))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass


async def cancel_wait():
    for _ in range(n):
        task = asyncio.create_task(asyncio.sleep(2))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])


benches = {
    "call": call,
    "spawn": spawn,
    "gather1k": lambda: gather(1000),
    "gather100k": lambda: gather(100000),
    "yield": yield_,
    "post": post,
    "timer": timer,
    "sleep": sleep,
    "to_thread": to_thread,
    "post_thread": lambda: post_thread(1),
    "post_thread_batch": lambda: post_thread(1024),
    "pingpong": pingpong,
    "queue": queue,
    "lock": lock,
    "event": event,
    "future_wake": future_wake,
    "wait_for": wait_for,
    "timeout": timeout,
    "cancel": cancel,
    "cancel_wait": cancel_wait,
}


async def main():
    wall, cpu = time.perf_counter(), time.process_time()
    await benches[bench]()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = {"ns": wall / n * 1e9, "cpu_ns": cpu / n * 1e9}
    print(json.dumps({"bench": bench, "n": n, **times, "rss_mb": memory}))


asyncio.run(main())
