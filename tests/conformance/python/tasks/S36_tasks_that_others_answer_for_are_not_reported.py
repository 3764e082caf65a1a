# SPDX-License-Identifier: MIT
# S36: Tasks that gather() and run_until_complete() make are not reported when they are destroyed unfinished
from prelude import *


async def nap():
    await sleep(10)


loop = new_event_loop()
report(loop)


async def main():
    coroutines = [nap()]
    mixed = gather(nap(), loop.create_task(nap()))
    await gather(nap(), loop.create_task(nap()), gather(*coroutines), mixed, return_exceptions=True)


loop.call_later(1, loop.stop)
try:
    loop.run_until_complete(main())
except RuntimeError as error:
    print(error)
loop.close()
gc.collect()
print("next")
