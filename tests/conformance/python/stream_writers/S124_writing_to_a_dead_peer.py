# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    async def serve(r, w):
        w.transport.abort()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    try:
        print(await r.read())
    except ConnectionError as e:
        print("read:", type(e).__name__)
    w.write(b"x")
    await_hang_up(w)  # the reset
    try:
        w.write(b"x")
        await w.drain()
        print("no error")
    except ConnectionError as e:
        print("drain:", type(e).__name__)
    w.close()
    s.close()


run(main())
