# SPDX-License-Identifier: MIT
# S58: wait() never raises a child's exception, never cancels, and returns two sets
from prelude import *


async def bad():
    raise ValueError("x")


async def main():
    a, b = (create_task(bad()), create_task(sleep(0.05, "late")))
    done, pend = await wait([a, b], timeout=0.01)
    print(done == {a}, pend == {b}, b.cancelled())
    print(repr(a.exception()), await b)


run(main())
