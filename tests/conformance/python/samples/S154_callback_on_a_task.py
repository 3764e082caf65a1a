# SPDX-License-Identifier: MIT
# S154: Callback on a task; result in the callback
from prelude import *


async def work(x):
    return x + 3


loop = new_event_loop()
task = loop.create_task(work(5))
task.add_done_callback(lambda y: print(y.result()))
loop.run_until_complete(task)
print("returned", task.result())
