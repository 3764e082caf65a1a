# SPDX-License-Identifier: MIT
from prelude import *


async def flushed(method):
    received = []

    async def serve(r, w):
        try:
            received.append(len(await r.read(-1)))
        except ConnectionError:
            received.append("reset")
        w.close()

    s = await start_server(serve, sock=small_socket())
    r, w = await connect_small(s)
    w.write(b"x" * 6_000_000)
    getattr(w.transport, method)()
    await until(lambda: received)
    s.close()
    return received[0] == 6_000_000


async def main():
    print(await flushed("close"), await flushed("abort"))


run(main())
