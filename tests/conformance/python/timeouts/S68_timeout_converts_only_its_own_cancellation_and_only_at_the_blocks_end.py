# SPDX-License-Identifier: MIT
# S68: timeout() converts only its own cancellation, and only at the block's end
from prelude import *


async def main():
    try:
        async with timeout(0.01) as cm:
            try:
                await sleep(9)
            except CancelledError:
                print("inside: CancelledError")
                raise
    except TimeoutError:
        print("outside: TimeoutError", cm.expired(), current_task().cancelling())
    try:
        async with timeout(9) as cm:
            raise TimeoutError("own")
    except TimeoutError as e:
        print(e, cm.expired())


run(main())
