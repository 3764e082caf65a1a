# SPDX-License-Identifier: MIT
# S44: The message travels
from prelude import *


async def t():
    try:
        await sleep(9)
    except CancelledError as e:
        print("in", e.args)
        raise


async def main():
    x = create_task(t())
    await sleep(0)
    x.cancel("bye")
    try:
        await x
    except CancelledError as e:
        print("out", e.args)


run(main())
