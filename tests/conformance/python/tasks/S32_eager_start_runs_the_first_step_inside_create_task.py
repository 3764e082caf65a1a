# SPDX-License-Identifier: MIT
# S32: Eager start: the first step runs inside create_task
from prelude import *

since(3, 12)  # eager tasks are new there


async def t():
    print("in", current_task().get_name())
    return 7


async def s():
    print("s1")
    await sleep(0)
    print("s2")


async def main():
    get_running_loop().set_task_factory(asyncio.eager_task_factory)
    a = create_task(t(), name="X")
    print("after", a.done(), current_task() is m)
    b = create_task(s())
    print("after s", b.done())
    await b


async def boot():
    global m
    m = current_task()
    await main()


run(boot())
