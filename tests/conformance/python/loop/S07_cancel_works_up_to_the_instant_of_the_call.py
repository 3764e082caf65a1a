# SPDX-License-Identifier: MIT
# S7: Handle.cancel works up to the instant of the call
from prelude import *


async def main():
    loop = get_running_loop()
    loop.call_soon(lambda: h.cancel())
    h = loop.call_soon(print, "never")
    await sleep(0)
    h.cancel()
    print(h.cancelled())


run(main())
