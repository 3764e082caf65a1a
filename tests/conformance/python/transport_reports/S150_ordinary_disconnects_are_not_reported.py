# SPDX-License-Identifier: MIT
from prelude import *


import struct


class LostPrinter(asyncio.Protocol):
    lost = False

    def connection_lost(s, e):
        print("lost", type(e).__name__)
        s.lost = True


async def main():
    report()
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    t, p = await get_running_loop().create_connection(LostPrinter, sock=ours)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    await until(lambda: p.lost)


run(main())
