# SPDX-License-Identifier: MIT
# S74: The inner task must be kept alive, and its late error is reported
from prelude import *

since(3, 14)  # before, it was reported when the task died


async def bad():
    await sleep(0.01)
    raise ValueError("late")


async def main():
    report()
    t = create_task(bad())
    s = shield(t)
    await sleep(0)
    s.cancel()
    await sleep(0.03)
    del t, s
    gc.collect()
    print("end")


run(main())
