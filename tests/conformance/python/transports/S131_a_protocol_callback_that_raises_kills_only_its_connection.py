# SPDX-License-Identifier: MIT
from prelude import *


class P(asyncio.Protocol):
    def data_received(s, d):
        raise ValueError("bad input")

    def connection_lost(s, e):
        print("lost", repr(e))


async def main():
    report()
    s = await get_running_loop().create_server(P, "127.0.0.1", 0)
    r, w = await connect_to(s)
    w.write(b"x")
    try:
        print(await r.read())
    except ConnectionError:
        print("reset")
    w.close()
    s.close()


run(main())
