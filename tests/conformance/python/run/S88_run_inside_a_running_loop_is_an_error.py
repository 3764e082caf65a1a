# SPDX-License-Identifier: MIT
# S88: run() makes a fresh loop and accepts a factory; what it accepts
from prelude import *


async def main():
    coroutine = sleep(0)
    try:
        run(coroutine)
    except RuntimeError as e:
        print(e)
    coroutine.close()


run(main())
