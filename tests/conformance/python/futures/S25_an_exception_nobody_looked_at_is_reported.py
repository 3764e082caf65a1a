# SPDX-License-Identifier: MIT
# S25: An exception nobody looked at is reported when the future dies
from prelude import *


async def main():
    report()
    loop = get_running_loop()

    async def bad():
        raise ValueError("x")
    t = create_task(bad())
    await sleep(0)
    del t
    gc.collect()
    f = loop.create_future()
    f.set_exception(KeyError())
    del f
    gc.collect()
    t = create_task(bad())
    await sleep(0)
    t.exception()
    del t
    t = create_task(sleep(9))
    await sleep(0)
    t.cancel()
    await sleep(0)
    del t
    gc.collect()
    print("end")


run(main())
