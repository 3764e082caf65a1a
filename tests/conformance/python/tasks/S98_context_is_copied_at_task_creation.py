# SPDX-License-Identifier: MIT
# S98: Copied at task creation, not at first step
from prelude import *

v = contextvars.ContextVar("v", default=0)


async def show(tag):
    print(tag, v.get())
    v.set(v.get() + 10)


async def main():
    v.set(1)
    t = create_task(show("task"))
    v.set(2)
    await t
    print("main", v.get())
    await show("direct")
    print("main", v.get())
    await gather(show("gathered"))
    print("main", v.get())
    c = contextvars.copy_context()
    await create_task(show("own"), context=c)
    print(c[v])


run(main())
