# SPDX-License-Identifier: MIT
# S29: Which error types are the same
import concurrent.futures as cf
import errno
import os

from prelude import *


async def main():
    for layer in range(3):
        try:
            if layer == 0:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            if layer == 1:
                await wait_for(sleep(3600), 0.01)
            if layer == 2:
                cf.Future().result(0)
        except TimeoutError:
            print("TimeoutError")


print(
    asyncio.TimeoutError is TimeoutError is cf.TimeoutError,
    asyncio.CancelledError is cf.CancelledError,
    issubclass(asyncio.CancelledError, Exception),
    issubclass(cf.CancelledError, Exception),
)
print(
    issubclass(IncompleteReadError, EOFError),
    issubclass(BrokenBarrierError, RuntimeError),
    issubclass(LimitOverrunError, Exception),
    issubclass(TimeoutError, OSError),
)
run(main())
