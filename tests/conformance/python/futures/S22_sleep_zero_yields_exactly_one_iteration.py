# SPDX-License-Identifier: MIT
# S22: sleep(0) yields exactly one iteration; sleep(t>0) uses a timer; sleep(t<=0) never a timer
from prelude import *

since(3, 13)  # before, sleep() accepted a NaN


async def t(n):
    for i in range(3):
        print(n, i, end="; ")
        await sleep(0)


async def main():
    await gather(t("A"), t("B"))
    print(await sleep(-1, "res"))
    try:
        await sleep(float("nan"))
        print("accepted")
    except ValueError as e:
        print(e)


run(main())
