# SPDX-License-Identifier: MIT
from prelude import *

P = asyncio.subprocess.PIPE


async def main():
    p = await create_subprocess_exec("cat", stdin=P, stdout=P)
    o, e = await p.communicate(b"x" * 1_000_000)
    print(len(o), e, p.returncode)
    p = await create_subprocess_exec("true", stdin=P)
    print(await p.communicate(b"x" * 1_000_000), p.returncode)
    p = await create_subprocess_shell("echo out; echo err >&2; exit 3", stdout=P, stderr=P)
    print(await p.communicate(), p.returncode)


run(main())
