# SPDX-License-Identifier: MIT
# S38: Exceptions that stop everything
from prelude import *

loop = new_event_loop()


async def die():
    raise SystemExit(3)


async def odd():
    raise GeneratorExit


t = loop.create_task(die())
u = loop.create_task(odd())
try:
    loop.run_forever()
except SystemExit as e:
    print("exit", e.code, repr(t.exception()))


loop.run_until_complete(sleep(0))
print("BaseException" if isinstance(u.exception(), GeneratorExit) else u.exception())
