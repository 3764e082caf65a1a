# SPDX-License-Identifier: MIT
# S11: Life-cycle errors are RuntimeError with fixed situations
from prelude import *


async def main():
    loop = get_running_loop()
    for f in (lambda: loop.run_forever(), lambda: new_event_loop().run_forever(), loop.close):
        try:
            f()
        except RuntimeError as e:
            print(e)
    c = sleep(0)
    try:
        run(c)
    except RuntimeError as e:
        print(e)
        c.close()


loop = new_event_loop()
loop.run_until_complete(main())
loop.close()
loop.close()
try:
    loop.call_soon(print)
except RuntimeError as e:
    print(e)
