# SPDX-License-Identifier: MIT
# S31: Awaiting a coroutine directly is a plain call
from prelude import *


async def nap():
    await sleep(0.1)
    return current_task().get_name()


async def main():
    t = get_running_loop().time()
    names = {await nap(), await nap()}
    print(len(names), round((get_running_loop().time() - t) * 10))
    t = get_running_loop().time()
    a, b = (create_task(nap()), create_task(nap()))
    await a
    await b
    print(round((get_running_loop().time() - t) * 10))
    t = get_running_loop().time()
    await create_task(nap())
    await create_task(nap())
    print(round((get_running_loop().time() - t) * 10))


run(main())
