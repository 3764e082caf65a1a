# SPDX-License-Identifier: MIT
# S28: A done callback that raises harms nobody else
from prelude import *


async def main():
    report()
    f = get_running_loop().create_future()
    f.add_done_callback(lambda _: 1 / 0)
    f.add_done_callback(lambda _: print("second"))
    f.set_result("kept")
    await sleep(0)
    print(f.result())


run(main())
