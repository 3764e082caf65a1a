# SPDX-License-Identifier: MIT
# S163: shield sample
from prelude import *


async def task_func(n):
    await sleep(0.1)
    print("done:", n)


async def cancel_task(t):
    await sleep(0.02)
    print("cancelled:", t.cancel())


async def main():
    task = create_task(task_func(1))
    shielded = shield(task)
    keep = create_task(cancel_task(shielded))
    try:
        print(">got:", await shielded)
    except CancelledError:
        print("shielded was cancelled")
    await sleep(0.15)
    print(shielded.cancelled(), task.done(), task.cancelled())


run(main())
