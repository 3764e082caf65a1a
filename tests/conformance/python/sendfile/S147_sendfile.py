# SPDX-License-Identifier: MIT
# S147: a part of a file over a transport, behind what was written
import tempfile

from prelude import *


async def main():
    f = tempfile.TemporaryFile()
    f.write(b"0123456789")
    f.flush()
    got = []

    async def serve(r, w):
        got.append(await r.read())
        w.close()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await open_connection(*s.sockets[0].getsockname())
    w.write(b"head:")
    print(await get_running_loop().sendfile(w.transport, f, 2, 5), f.tell())
    w.close()
    await w.wait_closed()
    while not got:
        await sleep(0.01)
    s.close()
    print(got[0])


run(main())
