# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    p = await create_subprocess_exec("sleep", "99", stdout=asyncio.subprocess.PIPE)
    try:
        await wait_for(p.communicate(), 0.05)
    except TimeoutError:
        print("alive", p.returncode)
    p.kill()
    print(await p.wait())
    p = await create_subprocess_exec("sleep", "99")
    p._transport.close()
    print(await p.wait())


run(main())
