# SPDX-License-Identifier: MIT
# S85: Results in completion order; a time limit over all
from prelude import *

since(3, 13)  # asynchronous iteration is new there


async def t(n, d):
    await sleep(d)
    return n


async def main():
    print(text([await c for c in as_completed([t("a", 0.03), t("b", 0.01), t("c", 0.02)])]))
    x, y = (create_task(t("x", 0.01)), create_task(t("y", 0.2)))
    try:
        for c in as_completed([x, y], timeout=0.05):
            print(await c)
    except TimeoutError:
        print("timeout", y.cancelled(), y.done())
    async for c in as_completed([y]):
        print(c is y, c.done())


run(main())
