# SPDX-License-Identifier: MIT
# S116: Priority and LIFO order
from prelude import *


async def main():
    q = PriorityQueue()
    l = LifoQueue()
    for x in ((2, "b"), (1, "z"), (1, "a")):
        q.put_nowait(x)
        l.put_nowait(x)
    print([q.get_nowait()[1] for _ in range(3)], [l.get_nowait()[1] for _ in range(3)])
    q.put_nowait((1, {}))
    try:
        q.put_nowait((1, {0: 0}))
    except TypeError:
        print("TypeError")


run(main())
