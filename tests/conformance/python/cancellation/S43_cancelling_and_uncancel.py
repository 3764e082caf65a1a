# SPDX-License-Identifier: MIT
# S43: cancelling() / uncancel()
from prelude import *

since(3, 13)  # before, the request was still delivered


async def main():
    t = current_task()
    print(t.uncancel(), t.cancelling())
    t.cancel()
    t.cancel()
    print(t.cancelling(), t.uncancel(), t.uncancel())
    try:
        await sleep(0)
        print("withdrawn")
    except CancelledError:
        print("still delivered")


run(main())
