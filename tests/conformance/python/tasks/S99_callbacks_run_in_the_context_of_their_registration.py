# SPDX-License-Identifier: MIT
# S99: Callbacks run in the context of their registration
from prelude import *

v = contextvars.ContextVar("v", default=0)


async def main():
    loop = get_running_loop()
    f = loop.create_future()
    v.set(1)
    loop.call_soon(lambda: print("soon", v.get()))
    f.add_done_callback(lambda _: print("done", v.get()))
    loop.call_later(0.01, lambda: (print("later", v.get()), v.set(99)))
    v.set(2)
    f.set_result(0)
    await sleep(0.03)
    print("main", v.get())


run(main())
