# SPDX-License-Identifier: MIT
# S18: Done callbacks are never called inline
from prelude import *


async def main():
    f = get_running_loop().create_future()
    f.add_done_callback(lambda _: print("cb1"))
    f.add_done_callback(lambda _: print("cb2"))
    f.set_result(1)
    print("set")
    f.add_done_callback(lambda _: print("late"))
    print("added")
    await sleep(0)
    print("end")


run(main())
