# SPDX-License-Identifier: MIT
# S71: reschedule, when, misuse
from prelude import *


async def main():
    loop = get_running_loop()
    async with timeout(0.01) as cm:
        cm.reschedule(None)
        await sleep(0.02)
        print(cm.when(), cm.expired())
    try:
        cm.reschedule(1)
    except RuntimeError as e:
        print("RuntimeError")
    try:
        async with timeout(None) as cm:
            cm.reschedule(loop.time() - 1)
            print("still here")
            await sleep(9)
    except TimeoutError:
        print("timeout")

    def cb():
        c = timeout(1).__aenter__()
        try:
            c.send(None)
        except RuntimeError as e:
            print(e)
    loop.call_soon(cb)
    await sleep(0)


run(main())
