# SPDX-License-Identifier: MIT
# S9: An exception in a callback goes to the exception handler; the loop lives on
from prelude import *

loop = new_event_loop()
report(loop)


def bad():
    1 / 0


def quit():
    raise SystemExit(7)


loop.call_soon(bad)
loop.call_soon(print, "next")
loop.call_soon(quit)
loop.call_soon(print, "later")
try:
    loop.run_forever()
except SystemExit as e:
    print("exit", e.code)


loop.stop()
loop.run_forever()
