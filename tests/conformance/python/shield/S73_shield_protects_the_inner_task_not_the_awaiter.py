# SPDX-License-Identifier: MIT
# S73: shield protects the inner task, not the awaiter
from prelude import *


async def work():
    await sleep(0.03)
    print("work finished")
    return 5


async def main():
    t = create_task(work())
    s = shield(t)
    get_running_loop().call_later(0.01, s.cancel)
    try:
        await s
    except CancelledError:
        print("awaiter cancelled", s.cancelled(), t.done())
    print(await t)
    i = create_task(sleep(9))
    s = shield(i)
    i.cancel()
    await wait([s])
    print(s.cancelled())
    d = create_task(sleep(0, 1))
    await d
    print(shield(d) is d)


run(main())
