# SPDX-License-Identifier: MIT
from prelude import *


class P(asyncio.Protocol):
    seen = False

    def connection_made(s, t):
        print("made")

    def data_received(s, d):
        print("data")
        s.seen = True


async def main():
    async def serve(r, w):
        w.write(b"hello")
        w.close()

    s = await start_server(serve, "127.0.0.1", 0)
    t, p = await get_running_loop().create_connection(P, *s.sockets[0].getsockname())
    print("returned")
    await until(lambda: p.seen)
    t.close()
    s.close()


run(main())
