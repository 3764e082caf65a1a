# SPDX-License-Identifier: MIT
from prelude import *


since(3, 13)  # close_clients()


async def main():
    async def echo(r, w):
        while d := await r.read(99):
            w.write(d)
        w.close()

    s = await start_server(echo, "127.0.0.1", 0, reuse_port=True)
    address = s.sockets[0].getsockname()
    holder = socket.socket()  # or the port is anybody's once the server is closed
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(address)
    r, w = await open_connection(*address)
    w.write(b"1")
    await r.read(1)
    s.close()
    print(s.is_serving(), len(s.sockets))
    w.write(b"2")
    print(await r.read(1))
    try:
        await open_connection(*address)
    except ConnectionRefusedError:
        print("refused")
    s.close_clients()
    print(await r.read())
    w.close()
    await s.wait_closed()


run(main())
