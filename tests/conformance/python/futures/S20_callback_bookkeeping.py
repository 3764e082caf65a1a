# SPDX-License-Identifier: MIT
# S20: Callback bookkeeping
from prelude import *


async def main():
    n = []
    cb = lambda f: n.append(1)
    f = get_running_loop().create_future()
    f.add_done_callback(cb)
    f.add_done_callback(cb)
    f.set_result(0)
    print(f.remove_done_callback(cb))
    await sleep(0)
    print(len(n))
    g = get_running_loop().create_future()
    g.add_done_callback(cb)
    g.add_done_callback(cb)
    print(g.remove_done_callback(cb))
    g.set_result(0)
    await sleep(0)
    print(len(n))


run(main())
