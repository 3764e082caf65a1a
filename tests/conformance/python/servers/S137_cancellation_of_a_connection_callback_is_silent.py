# SPDX-License-Identifier: MIT
from prelude import *


since(3, 13)  # before, it was reported and the connection left open


async def main():
    report()

    async def serve(r, w):
        current_task().cancel()
        await r.read()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    try:
        print(await wait_for(r.read(), 1))
    except TimeoutError:
        print("left open")
    w.close()
    s.close()


run(main())
