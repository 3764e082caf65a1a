# SPDX-License-Identifier: MIT
# S12: run_until_complete: returns the result, re-raises the error, complains if stopped early
from prelude import *

loop = new_event_loop()


async def val():
    return 42


print(loop.run_until_complete(val()))
f = loop.create_future()
loop.call_soon(loop.stop)
try:
    loop.run_until_complete(f)
except RuntimeError as e:
    print(e, f.done())
