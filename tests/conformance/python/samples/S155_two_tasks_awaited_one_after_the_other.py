# SPDX-License-Identifier: MIT
# S155: Two tasks created, awaited one after the other
from prelude import *

U = 0.04


async def others(t, name):
    print("start", name)
    await sleep(t * U)
    print("end", name)
    return "value " + name


async def func(a, b):
    print("body")
    x, y = (create_task(others(a, "task_1")), create_task(others(b, "task_2")))
    print("IO result:", await x)
    print("IO result:", await y)


for a, b in ((3, 2), (2, 3)):
    run(func(a, b))
    print("--")
