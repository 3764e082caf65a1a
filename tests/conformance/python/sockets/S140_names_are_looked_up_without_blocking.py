# SPDX-License-Identifier: MIT
# S140: name resolution does not block the loop
from prelude import *


async def main():
    loop = get_running_loop()
    for info in await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM):
        print(info[0] == socket.AF_INET, info[1] == socket.SOCK_STREAM, info[4][0], info[4][1])
    print(*await loop.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV))
    try:
        await loop.getaddrinfo("name.invalid", 80, flags=socket.AI_NUMERICHOST)
    except socket.gaierror as e:
        print("gaierror", e.errno == socket.EAI_NONAME)
    c = socket.socket()
    c.setblocking(False)
    l = socket.create_server(("127.0.0.1", 0))
    await loop.sock_connect(c, ("localhost", l.getsockname()[1]))
    print(c.getpeername() == l.getsockname())


run(main())
