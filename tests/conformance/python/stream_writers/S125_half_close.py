# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    async def serve(r, w):
        w.write(b"len=%d" % len(await r.read()))
        w.close()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    w.write(b"x" * 300000)
    w.write_eof()
    print(await r.read())
    try:
        w.write(b"more")
    except RuntimeError:
        print("RuntimeError")
    w.close()
    await w.wait_closed()
    s.close()


run(main())
