# SPDX-License-Identifier: MIT
# S156: Same delay: end, end, then both results
from prelude import *


async def others():
    print("start")
    await sleep(0.05)
    print("end")
    return "value"


async def func():
    print("body")
    a, b = (create_task(others()), create_task(others()))
    print("1:", await a)
    print("2:", await b)


run(func())
