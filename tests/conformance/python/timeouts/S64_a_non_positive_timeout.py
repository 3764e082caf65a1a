# SPDX-License-Identifier: MIT
# S64: A non-positive timeout
from prelude import *


async def t():
    print("started")


async def main():
    f = get_running_loop().create_future()
    f.set_result("done")
    print(await wait_for(f, 0))
    for d in (0, -1):
        try:
            await wait_for(t(), d)
        except TimeoutError:
            print("timeout")


run(main())
