# SPDX-License-Identifier: MIT
# S65: Result and deadline in the same iteration
from prelude import *

since(3, 12)  # before, the result won


async def main():
    loop = get_running_loop()

    async def case(first):
        f = loop.create_future()
        t = loop.time() + 0.02
        if first == "result":
            loop.call_at(t - 0.001, f.set_result, "v")
        w = create_task(wait_for(f, 0.02))
        await sleep(0)
        if first == "timer":
            loop.call_at(t + 0.001, lambda: f.done() or f.set_result("v"))
        time.sleep(0.03)
        try:
            return await w
        except TimeoutError:
            return "TimeoutError"
    print(await case("result"), await case("timer"))


run(main())
