# SPDX-License-Identifier: MIT
# S157: Nested coroutine awaited directly, twice
from prelude import *


async def others():
    print("start")
    await sleep(0.01)
    print("end")
    return "value"


async def func():
    print("body")
    print("1:", await others())
    print("2:", await others())


run(func())
