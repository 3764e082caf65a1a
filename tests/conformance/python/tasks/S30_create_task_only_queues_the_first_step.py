# SPDX-License-Identifier: MIT
# S30: create_task only queues the first step
from prelude import *


async def t(n):
    print("task", n)


async def main():
    ts = [create_task(t(i)) for i in range(3)]
    print("main continues")
    await ts[2]
    print("done")


run(main())
