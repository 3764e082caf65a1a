# SPDX-License-Identifier: MIT
# S103: Generator-based coroutines
import types

from prelude import *


@types.coroutine
def turn(n):
    yield
    return n


async def main():
    get_running_loop().call_soon(print, "other")
    print(await turn(5))


run(main())
