# SPDX-License-Identifier: MIT
# S37: Closing a loop with pending tasks leaves them unfinished and reports them
from prelude import *

loop = new_event_loop()
report(loop)
t = loop.create_task(sleep(10))
loop.run_until_complete(sleep(0))
loop.close()
print("closed", t.done())
del t
gc.collect()
