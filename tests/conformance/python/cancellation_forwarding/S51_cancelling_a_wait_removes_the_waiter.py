# SPDX-License-Identifier: MIT
# S51: Cancelling sleep withdraws its timer; cancelling a wait removes the waiter
from prelude import *


async def main():
    event, lock, semaphore, condition = Event(), Lock(), Semaphore(0), Condition()

    async def notified():
        async with condition:
            await condition.wait()

    def show():
        print(*(len(each._waiters or ()) for each in (event, lock, semaphore, condition)))

    await lock.acquire()
    tasks = [create_task(aw) for aw in (event.wait(), lock.acquire(), semaphore.acquire(), notified())]
    await sleep(0)
    show()
    for task in tasks:
        task.cancel()
    await wait(tasks)
    show()
    event.set()
    lock.release()
    semaphore.release()
    print(lock.locked(), semaphore._value)


run(main())
