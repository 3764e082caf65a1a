# SPDX-License-Identifier: MIT
# S47: A result that arrived but was not yet consumed loses to cancel()
from prelude import *


async def main():
    f = get_running_loop().create_future()

    async def t():
        try:
            return await f
        except CancelledError:
            return "cancelled, though result was " + f.result()
    x = create_task(t())
    await sleep(0)
    f.set_result("ready")
    x.cancel()
    print(await x)


run(main())
