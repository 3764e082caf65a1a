# SPDX-License-Identifier: MIT
# S102: Async generators: athrow/aclose and misuse
from prelude import *


async def g():
    try:
        yield (await sleep(0.01, 1))
    except GeneratorExit:
        print("closing")
        raise


async def stub():
    try:
        yield 1
    finally:
        yield 2


async def main():
    a = g()
    await a.__anext__()
    await a.aclose()
    b = stub()
    await b.__anext__()
    try:
        await b.aclose()
    except RuntimeError as e:
        print(e)
    c = g()

    async def step():
        return await c.__anext__()
    t = create_task(step())
    await sleep(0)
    try:
        await c.__anext__()
    except RuntimeError as e:
        print(e)
    print(await t)
    await c.aclose()


run(main())
