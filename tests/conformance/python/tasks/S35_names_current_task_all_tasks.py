# SPDX-License-Identifier: MIT
# S35: Names, current_task, all_tasks
from prelude import *


def number(task):
    return int(task.get_name().removeprefix("Task-"))


async def main():
    t = create_task(sleep(0))
    print(number(t) - number(current_task()), len(all_tasks()))
    t.set_name("io")
    get_running_loop().call_soon(lambda: print("cb:", current_task()))
    await t
    print(t.get_name(), t.done(), t in all_tasks(), len(all_tasks()))


run(main())
