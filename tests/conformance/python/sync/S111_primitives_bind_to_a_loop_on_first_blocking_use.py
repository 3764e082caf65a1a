# SPDX-License-Identifier: MIT
# S111: Primitives bind to a loop on first blocking use
from prelude import *

lk = Lock()


async def hold():
    await lk.acquire()
    t = create_task(lk.acquire())
    await sleep(0)
    t.cancel()
    await wait([t])


async def other():
    await lk.acquire()


run(hold())
try:
    run(other())
except RuntimeError as e:
    print("different event loop" in str(e))
