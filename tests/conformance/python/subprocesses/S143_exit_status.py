# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    p = await create_subprocess_exec("sleep", "99")
    print(p.returncode)
    p.terminate()
    print(text(await gather(p.wait(), p.wait())), p.returncode)
    try:
        p.kill()
        print("no error")
    except ProcessLookupError:
        print("ProcessLookupError")
    try:
        await create_subprocess_exec("/no/such/program")
    except FileNotFoundError:
        print("FileNotFoundError")


run(main())
