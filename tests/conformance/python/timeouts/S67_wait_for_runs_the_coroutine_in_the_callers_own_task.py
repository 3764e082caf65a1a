# SPDX-License-Identifier: MIT
# S67: wait_for runs the coroutine in the caller's own task (3.12)
from prelude import *

since(3, 12)  # before, it got a task of its own

v = contextvars.ContextVar("v", default=0)


async def inner():
    v.set(1)
    return current_task() is outer


async def main():
    global outer
    outer = current_task()
    print(await wait_for(inner(), 1), v.get())


run(main())
