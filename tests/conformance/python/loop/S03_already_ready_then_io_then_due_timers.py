# SPDX-License-Identifier: MIT
# S3: Order inside an iteration: already-ready, then I/O, then due timers
from prelude import *


async def main():
    loop = get_running_loop()
    loop.call_later(0, print, "timer-0")
    loop.call_later(-5, print, "timer-negative")
    loop.call_soon(print, "soon")
    await sleep(0.01)


run(main())
