# SPDX-License-Identifier: MIT
# S27: ensure_future and wrap_future
from prelude import *


async def main():
    loop = get_running_loop()
    f = loop.create_future()
    print(ensure_future(f) is f)

    class A:

        def __await__(self):
            return sleep(0, "aw").__await__()
    t = ensure_future(A())
    print(isinstance(t, Task), await t)


run(main())
