# SPDX-License-Identifier: MIT
# S40: Cancelling a task that has not started: its body never runs
from prelude import *


async def t():
    try:
        print("never")
    finally:
        print("nor this")


async def main():
    x = create_task(t())
    x.cancel()
    await wait([x])
    print(x.cancelled())


run(main())
