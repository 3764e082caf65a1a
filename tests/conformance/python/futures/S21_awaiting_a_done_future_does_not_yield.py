# SPDX-License-Identifier: MIT
# S21: Awaiting a done future does not yield
from prelude import *


async def main():

    async def other():
        print("other ran")
    f = get_running_loop().create_future()
    f.set_result(1)
    t = create_task(other())
    await f
    print("after done future")

    async def plain():
        return 2
    await plain()
    print("after coroutine")
    await sleep(0)
    print("after sleep(0)")
    await t
    print("after done task")


run(main())
