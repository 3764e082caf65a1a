# SPDX-License-Identifier: MIT
# S34: A task cannot be completed from outside
from prelude import *


async def raiser():
    raise CancelledError("own")


async def main():
    t = create_task(raiser())
    try:
        t.set_result(1)
    except RuntimeError as e:
        print(e)
    try:
        t.set_exception(ValueError("x"))
    except RuntimeError as e:
        print(e)
    await wait([t])
    print(t.cancelled(), t.cancelling())


run(main())
