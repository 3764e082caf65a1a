# SPDX-License-Identifier: MIT
# S89: Runner keeps loop and context across runs
from prelude import *

v = contextvars.ContextVar("v", default=0)


async def one():
    v.set(1)
    global t
    t = create_task(sleep(0.02, "left over"))


async def two():
    return (v.get(), await t)


with Runner() as r:
    r.run(one())
    print(*r.run(two()), r.get_loop().is_closed())
try:
    r.get_loop()
except RuntimeError as e:
    print(e)
