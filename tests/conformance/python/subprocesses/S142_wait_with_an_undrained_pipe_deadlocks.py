# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    p = await create_subprocess_exec("head", "-c", "1000001", "/dev/zero", stdout=asyncio.subprocess.PIPE)
    try:
        await wait_for(p.wait(), 0.5)
    except TimeoutError:
        print("stuck", p.returncode)
    print(len(await p.stdout.read()), await p.wait())


run(main())
