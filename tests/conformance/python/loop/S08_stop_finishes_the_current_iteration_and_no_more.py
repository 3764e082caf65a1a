# SPDX-License-Identifier: MIT
# S8: stop() finishes the current iteration and no more
from prelude import *

loop = new_event_loop()


def A():
    print("A")
    loop.stop()
    loop.call_soon(print, "C")


loop.call_soon(A)
loop.call_soon(print, "B")
loop.run_forever()
print("-- stopped")
loop.stop()
loop.run_forever()
print("-- again")
