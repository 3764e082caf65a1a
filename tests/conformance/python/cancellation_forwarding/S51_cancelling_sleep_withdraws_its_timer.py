# SPDX-License-Identifier: MIT
# S51: Cancelling sleep withdraws its timer; cancelling a wait removes the waiter
from prelude import *


def timers():
    return sum(not handle.cancelled() for handle in get_running_loop()._scheduled)


async def main():
    x = create_task(sleep(50))
    sleeper = create_task(sleep(60))
    y = create_task(wait([sleeper], timeout=40))
    await sleep(0)
    print(timers())
    x.cancel()
    y.cancel()
    await wait([x, y])
    print(timers())
    sleeper.cancel()
    await wait([sleeper])
    print(timers())


run(main())
