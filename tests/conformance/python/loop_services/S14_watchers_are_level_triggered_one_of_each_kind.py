# SPDX-License-Identifier: MIT
# S14: fd watchers are level-triggered, one reader and one writer per fd
from prelude import *

loop = new_event_loop()
a, b = socket.socketpair()
a.setblocking(False)
b.send(b"xyz")
n = []


def r():
    n.append(a.recv(1))
    if len(n) == 3:
        print(loop.remove_reader(a), loop.remove_reader(a))
        loop.call_later(0.01, loop.stop)


loop.add_reader(a, print, "replaced")
loop.add_reader(a, r)
loop.run_forever()
print(n)
loop.add_writer(b, lambda: (print("w"), loop.remove_writer(b), loop.stop()))
a.send(b"1")
loop.add_reader(b, lambda: (print("r"), loop.remove_reader(b)))
loop.run_forever()
