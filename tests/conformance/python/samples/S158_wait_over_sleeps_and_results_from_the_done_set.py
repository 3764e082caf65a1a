# SPDX-License-Identifier: MIT
# S158: wait over ensure_future'd sleeps; results from the done set
from prelude import *

U = 0.02


async def do_work(x):
    print("waiting:", x)
    await sleep(x * U)
    return f"Done after {x}s"


async def main():
    done, pending = await asyncio.wait([ensure_future(do_work(x)) for x in (1, 2, 3)], timeout=None)
    print(text(sorted(t.result() for t in done)), len(pending))


run(main())
