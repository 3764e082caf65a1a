# SPDX-License-Identifier: MIT
# S39: cancel() is a request, delivered at the await point in a later iteration
from prelude import *


async def t():
    try:
        await sleep(9)
    except CancelledError:
        print("caught")
        raise
    finally:
        print("cleanup")


async def main():
    x = create_task(t())
    await sleep(0)
    print(x.cancel(), x.cancelled(), x.done())
    try:
        await x
    except CancelledError:
        print("awaiter sees it", x.cancelled(), x.cancel())


run(main())
