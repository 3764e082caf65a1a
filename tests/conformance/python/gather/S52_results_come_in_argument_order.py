# SPDX-License-Identifier: MIT
# S52: Results come in argument order
from prelude import *


async def t(n, d):
    await sleep(d)
    print("end", n)
    return n


async def main():
    print(text(await gather(t("a", 0.03), t("b", 0.01), t("c", 0.02))))


run(main())
