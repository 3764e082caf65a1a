# SPDX-License-Identifier: MIT
# S4: Timers fire in deadline order, never early beyond clock resolution
from prelude import *


async def main():
    loop = get_running_loop()
    t = loop.time()
    loop.call_at(t + 0.03, print, "third")
    loop.call_at(t + 0.01, print, "first")
    h = loop.call_later(0.02, print, "second")
    print(round(h.when() - t, 2))
    await sleep(0.05)


run(main())
