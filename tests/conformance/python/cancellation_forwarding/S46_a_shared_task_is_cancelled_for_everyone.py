# SPDX-License-Identifier: MIT
# S46: A shared task is cancelled for everyone
from prelude import *


async def user(n, t):
    try:
        await t
    except CancelledError:
        print(n, "cancelled; own requests:", current_task().cancelling())
        raise


async def main():
    shared = create_task(sleep(9))
    a, b = (create_task(user("a", shared)), create_task(user("b", shared)))
    await sleep(0)
    await sleep(0)
    a.cancel()
    await wait([a, b])
    print(shared.cancelled(), b.cancelled())


run(main())
