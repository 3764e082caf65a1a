# SPDX-License-Identifier: MIT
# S90: Ctrl-C: first cancels the main task, second interrupts
from prelude import *


async def main(swallow):
    get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
    try:
        await sleep(9)
    except CancelledError:
        print("cleanup")
        if swallow:
            return "finished anyway"
        raise


try:
    run(main(False))
except KeyboardInterrupt:
    print("KeyboardInterrupt")
print(run(main(True)))
