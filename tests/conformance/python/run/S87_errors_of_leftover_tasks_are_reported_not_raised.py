# SPDX-License-Identifier: MIT
# S87: Errors of leftover tasks are reported, not raised
from prelude import *


async def bg():
    try:
        await sleep(9)
    except CancelledError:
        raise ValueError("x")


async def main():
    report()
    create_task(bg())
    await sleep(0)
    return "value"


print(run(main()))
