# SPDX-License-Identifier: MIT
# S56: A child cancelled from outside counts as its CancelledError
from prelude import *


async def main():
    a, b = (create_task(sleep(9)), create_task(sleep(0.01, "b")))
    get_running_loop().call_soon(a.cancel)
    try:
        await gather(a, b)
    except CancelledError:
        print("CancelledError; cancelling =", current_task().cancelling(), b.done())
    print(await b)


run(main())
