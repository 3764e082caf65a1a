# SPDX-License-Identifier: MIT
# S1: call_soon is strict FIFO
from prelude import *


async def main():
    loop = get_running_loop()
    for n in "abc":
        loop.call_soon(print, n)
    await sleep(0)
    print("main")


run(main())
