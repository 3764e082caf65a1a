# SPDX-License-Identifier: MIT
# S50: CancelledError is not an ordinary error
from prelude import *


async def t():
    try:
        await sleep(9)
    except Exception:
        print("never")


async def main():
    x = create_task(t())
    await sleep(0)
    x.cancel()

    async def awaiter():
        await x
    y = create_task(awaiter())
    await wait([y])
    print(y.cancelled(), y.cancelling(), issubclass(CancelledError, Exception))


run(main())
