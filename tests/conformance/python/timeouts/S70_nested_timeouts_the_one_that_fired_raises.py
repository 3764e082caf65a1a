# SPDX-License-Identifier: MIT
# S70: Nested timeouts: the one that fired raises
from prelude import *


async def nest(o, i):
    try:
        async with timeout(o) as a:
            try:
                async with timeout(i) as b:
                    await sleep(9)
            except TimeoutError:
                return ("inner", a.expired(), b.expired())
    except TimeoutError:
        return ("outer", a.expired(), b.expired())


async def main():
    print(*await nest(0.01, 0.05))
    print(*await nest(0.05, 0.01))


run(main())
