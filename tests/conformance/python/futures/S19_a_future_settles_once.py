# SPDX-License-Identifier: MIT
# S19: State errors
from prelude import *


async def main():
    f = get_running_loop().create_future()
    for g in (f.result, f.exception):
        try:
            g()
        except InvalidStateError as e:
            print("not yet")
    f.set_result(1)
    try:
        f.set_result(2)
    except InvalidStateError as e:
        print(type(e).__name__, f.result(), f.cancel())
    g = get_running_loop().create_future()
    print(g.cancel("why"), g.cancel(), g.done(), g.cancelled())
    for h in (g.result, g.exception):
        try:
            h()
        except CancelledError as e:
            print("Cancelled", e.args)
    try:
        g.set_result(1)
    except InvalidStateError as e:
        print(type(e).__name__)


run(main())
