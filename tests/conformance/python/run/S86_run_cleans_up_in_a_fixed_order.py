# SPDX-License-Identifier: MIT
# S86: run() cleans up in a fixed order
from prelude import *

closed = threading.Event()


async def bg():
    try:
        await sleep(9)
    finally:
        await sleep(0.01)
        print("task cleaned")


async def agen():
    try:
        yield 1
    finally:
        print("generator closed")
        closed.set()


def in_a_thread():
    closed.wait()
    print("thread finished")


async def main():
    global t, g
    t = create_task(bg())
    g = agen()
    await g.__anext__()
    get_running_loop().run_in_executor(None, in_a_thread)
    print("main returns")


run(main())
print("run returned", t.cancelled())
