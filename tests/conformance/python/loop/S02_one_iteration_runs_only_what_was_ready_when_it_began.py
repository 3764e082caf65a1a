# SPDX-License-Identifier: MIT
# S2: One iteration runs only what was ready when it began
from prelude import *

loop = new_event_loop()
out = []
a, b = socket.socketpair()
a.setblocking(False)
b.send(b"x")


def again(n):
    out.append(f"cb{n}")
    if n < 3:
        loop.call_soon(again, n + 1)


def readable():
    out.append("io")
    loop.remove_reader(a)


loop.add_reader(a, readable)
loop.call_soon(again, 0)
loop.call_soon(out.append, "b")
loop.call_later(0.05, loop.stop)
loop.run_forever()
print(text(out))
