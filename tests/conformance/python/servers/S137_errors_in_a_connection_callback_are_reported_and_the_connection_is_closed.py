# SPDX-License-Identifier: MIT
# S137: errors in a connection callback
from prelude import *

since(3, 11, 7)  # 3.11.2 leaves the connection open and reports a task's exception


async def main():
    report()

    async def serve(r, w):
        raise ValueError("x")

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await open_connection(*s.sockets[0].getsockname())
    print(await r.read())
    w.close()
    s.close()
    await s.wait_closed()


run(main())
